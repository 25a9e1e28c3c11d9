"""What commands print: tables for people, tabs for pipes, JSON when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def json_option(function: F) -> F:
    """The `--json` option that every command has."""
    return click.option(
        "--json", "as_json", is_flag=True, help="One JSON document on stdout."
    )(function)


def show_json(document: object) -> None:
    click.echo(json.dumps(document, indent=2, default=str, ensure_ascii=False))


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """A table on a terminal, tab-separated lines in a pipe; columns: title -> key."""
    cells = [[as_text(row.get(key)) for key in columns.values()] for row in rows]
    if not sys.stdout.isatty():
        for line in cells:
            click.echo("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for line in cells:
        table.add_row(*line)
    Console(markup=False).print(table)


def show_fields(document: Mapping[str, Any]) -> None:
    """One `name: value` line per field that has a value."""
    for key, value in document.items():
        if value not in (None, "", [], {}):
            click.echo(f"{key}: {as_text(value)}")


def as_text(value: object) -> str:
    """One value on one line."""
    if value is None:
        return "-"
    if isinstance(value, list | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return " ".join(str(value).split("\n"))


def local_time(stamp: str | None) -> str:
    """An API time in the reader's own zone, to the second."""
    if not stamp:
        return "-"
    moment = datetime.fromisoformat(stamp).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S")
