"""`orion version`."""

from __future__ import annotations

import platform

import click

from orion._version import __version__
from orion.cli.given import transport
from orion.cli.output import json_option, show_fields, show_json
from orion.client.transport import API_VERSION
from orion.exceptions import OrionError
from orion.settings import settings

QUICK_SECONDS = 3.0


@click.command()
@click.option("--short", is_flag=True, help="Only the version of the SDK.")
@json_option
def version(short: bool, as_json: bool) -> None:
    """Versions of the SDK, the API it speaks, Python and the server."""
    if short and not as_json:
        click.echo(__version__)
        return
    chosen = settings()
    found = {
        "version": __version__,
        "api_version": API_VERSION,
        "python": platform.python_version(),
        "api_url": chosen.api.url or "none (offline)",
        "server": _server() if chosen.api.url else "none (offline)",
    }
    show_json(found) if as_json else show_fields(found)


def _server() -> str:
    api = transport()
    try:
        answer = api.request(
            "GET", "/admin/version", retry=False, timeout=QUICK_SECONDS
        )
    except OrionError as error:
        return f"unknown: {error}"
    return str(answer.json())
