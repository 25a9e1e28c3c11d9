"""Filters of events: which events they want."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.matching import Names, Resources, Wanted

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "id": "01900000-0000-7000-8000-000000000001",
    "occurred": AT,
    "event": "prefect.flow-run.Completed",
    "resource": {"prefect.resource.id": "prefect.flow-run.1", "colour": "red-1"},
    "related": [
        {"prefect.resource.id": "prefect.flow.2", "prefect.resource.role": "flow"},
        {"prefect.resource.id": "prefect.tag.x", "prefect.resource.role": "tag"},
    ],
    "payload": {"note": "all Well"},
}


@pytest.mark.parametrize(
    ("wanted", "is_wanted"),
    [
        (Names(), True),
        (Names(name=("prefect.flow-run.Completed", "x")), True),
        (Names(name=("prefect.flow-run.Failed",)), False),
        (Names(prefix=("prefect.task-run.", "prefect.flow-run.")), True),
        (Names(prefix=("prefect.task-run.",)), False),
        (Names(exclude_name=("prefect.flow-run.Completed",)), False),
        (Names(exclude_prefix=("prefect.flow-run.",)), False),
        (Names(exclude_prefix=("prefect.task-run.",)), True),
    ],
)
def test_names_are_wanted_whole_or_by_their_beginning(wanted: Names, is_wanted: bool):
    assert Wanted(names=wanted).match_row(EVENT["event"], AT) is is_wanted


def test_a_span_holds_both_of_its_ends():
    second = timedelta(seconds=1)

    assert Wanted(since=AT, until=AT).match_row("x", AT)
    assert not Wanted(since=AT + second).match_row("x", AT)
    assert not Wanted(until=AT - second).match_row("x", AT)


@pytest.mark.parametrize(
    ("wanted", "is_wanted"),
    [
        (Wanted(), True),
        (Wanted(ids=(EVENT["id"],)), True),
        (Wanted(ids=("another",)), False),
        (Wanted(resource=Resources(id=("prefect.flow-run.1",))), True),
        (Wanted(resource=Resources(id=("prefect.flow.2",))), False),
        (Wanted(resource=Resources(id_prefix=("prefect.flow-run.",))), True),
        (Wanted(resource=Resources(labels={"colour": ["red-1"]})), True),
        (Wanted(resource=Resources(labels={"colour": ["red-*"]})), True),
        (Wanted(resource=Resources(labels={"colour": ["!red-*"]})), False),
        (Wanted(resource=Resources(labels={"colour": ["!blue"]})), True),
        (Wanted(resource=Resources(labels={"size": ["*"]})), False),
        (Wanted(related=(Resources(role=("flow",)), Resources(role=("tag",)))), True),
        (Wanted(related=(Resources(role=("flow",)), Resources(role=("pool",)))), False),
        (Wanted(related=(Resources(in_roles=(("prefect.flow.2", "flow"),)),)), True),
        (Wanted(related=(Resources(in_roles=(("prefect.flow.2", "tag"),)),)), False),
        (Wanted(related=(Resources(id=("prefect.flow-run.1",)),)), False),
        (Wanted(any_resource=(Resources(id=("prefect.flow-run.1",)),)), True),
        (Wanted(any_resource=(Resources(id=("prefect.tag.x",)),)), True),
        (Wanted(any_resource=(Resources(id_prefix=("prefect.pool",)),)), False),
        (Wanted(text="well nothing"), True),
        (Wanted(text="nothing"), False),
        (Wanted(text='"all well"'), True),
        (Wanted(text="well -completed"), False),
        (Wanted(text="well +completed"), True),
    ],
)
def test_every_part_of_a_filter_must_hold(wanted: Wanted, is_wanted: bool):
    assert wanted.match(EVENT) is is_wanted
