"""What becomes of a deployment's schedules when the code brings new ones.

Code and operators own fields: what an operator edited stays as long as the code says
the same about that field as before; what the code changes is the code's again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deployments.models import Deployment, Schedule
from deployments.scheduling.identity import free, pair, same


def successors(
    deployment: Deployment,
    old: Sequence[Schedule],
    codes: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> list[Schedule]:
    """New rows for what the code says, as the old ones live on in them."""
    rows = []
    kept = pair(old, [_complete(code) for code in codes])
    for code, before in zip(codes, kept, strict=True):
        row = Schedule(deployment=deployment, created=now, updated=now, **code)
        if before is not None:
            row.identity = before.identity
            row.planned_until = before.planned_until
            keep_edits(row, before)
        rows.append(row)
    name_new(rows)
    return rows


def keep_edits(row: Schedule, before: Schedule) -> None:
    """Put on the row, as the code has it, what operators edited before."""
    edited: dict[str, Any] = {}
    for name, meant in (before.deployed or {}).items():
        brought = _plain(getattr(row, name))
        if same(name, brought, meant):
            edited[name] = brought
            setattr(row, name, getattr(before, name))
    row.deployed = edited or None


def edit(row: Schedule, wanted: Mapping[str, Any]) -> list[str]:
    """Set what an operator wants otherwise, and remember what the code says.

    Nothing is saved; returns the fields that changed.
    """
    code = dict(row.deployed or {})
    changed = []
    for name, value in wanted.items():
        if getattr(row, name) == value:
            continue
        changed.append(name)
        meant = code.setdefault(name, _plain(getattr(row, name)))
        if meant == _plain(value):
            del code[name]
        setattr(row, name, value)
    row.deployed = code or None
    return changed


def name_new(rows: Iterable[Schedule], known: Iterable[Schedule] = ()) -> None:
    """Give identities to those that have none; equal schedules share theirs."""
    named = [*known, *(row for row in rows if row.identity)]
    for row in rows:
        if row.identity:
            continue
        wanted = row.own_identity
        others = (each for each in named if each.own_identity != wanted)
        row.identity = free(wanted, (each.identity for each in others))
        named.append(row)


def _complete(code: Mapping[str, Any]) -> dict[str, Any]:
    """All fields that tell schedules apart."""
    return {"slug": None, "parameters": {}, **code}


def _plain(value: Any) -> Any:
    """As JSON has it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
