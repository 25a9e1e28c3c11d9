"""What commands are given: parameters as k=v, names and ids of runs, the API."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

import click

from orion.client import deployments, flow_runs
from orion.client.transport import Transport, configured
from orion.exceptions import ObjectNotFound

SHORTEST_PREFIX = 6


def transport() -> Transport:
    """The API that is configured."""
    api = configured()
    if context := click.get_current_context(silent=True):
        context.call_on_close(api.close)
    return api


def parameters(pairs: Iterable[str]) -> dict[str, Any]:
    """`k=v` pairs; a value that reads as JSON is taken as such, else as text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise click.UsageError(f"Wanted a parameter as name=value, found {pair!r}")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found


def deployment(api: Transport, wanted: str) -> dict[str, Any]:
    """A deployment by id, by `flow/name`, by a unique name, by the start of its id."""
    if is_id(wanted):
        return deployments.read(api, wanted)
    if "/" in wanted:
        return deployments.read_by_name(api, wanted)
    found = deployments.find(api, name=wanted)
    if not found and len(wanted) >= SHORTEST_PREFIX:
        everything = deployments.find(api)
        found = [each for each in everything if each["id"].startswith(wanted.lower())]
    return _only(found, wanted, "deployment")


def flow_run(api: Transport, wanted: str) -> dict[str, Any]:
    """A run by id, by the start of an id, or by name (the newest of that name)."""
    if is_id(wanted):
        return flow_runs.read(api, wanted)
    named = flow_runs.find(api, flow_runs={"name": {"any_": [wanted]}}, limit=1)
    if named:
        return named[0]
    if len(wanted) >= SHORTEST_PREFIX:
        recent = flow_runs.find(api)
        found = [run for run in recent if run["id"].startswith(wanted.lower())]
        return _only(found, wanted, "run")
    raise ObjectNotFound(f"No run has the id or the name {wanted!r}")


def is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _only(found: list[dict[str, Any]], wanted: str, kind: str) -> dict[str, Any]:
    if len(found) == 1:
        return found[0]
    if not found:
        raise ObjectNotFound(f"No {kind} has the id or the name {wanted!r}")
    raise click.UsageError(
        f"{wanted!r} fits {len(found)} {kind}s: give a full id or flow/name"
    )
