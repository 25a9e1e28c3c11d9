"""The late marker names overdue runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import now
from deployments.loops import LateMarker
from runs.models import FlowRun, FlowRunState
from tests import factories

pytestmark = pytest.mark.django_db


def names() -> list[str | None]:
    """The state names of all runs, in the order they were made."""
    return list(FlowRun.objects.order_by("id").values_list("state_name", flat=True))


def test_runs_are_late_fifteen_seconds_after_their_start() -> None:
    at = now()
    for seconds in (20, 16, 14, -60):
        factories.flow_run(factories.scheduled(at - timedelta(seconds=seconds)))

    LateMarker().tick(at)

    assert names() == ["Late", "Late", "Scheduled", "Scheduled"]


def test_a_late_run_keeps_its_time_and_is_marked_once() -> None:
    at = now()
    due = at - timedelta(minutes=1)
    run = factories.flow_run(factories.scheduled(due))

    LateMarker().tick(at)
    LateMarker().tick(at + timedelta(seconds=5))

    run.refresh_from_db()
    assert run.next_scheduled_start_time == run.expected_start_time == due
    history = FlowRunState.objects.filter(flow_run=run).order_by("timestamp", "id")
    assert [state.name for state in history] == ["Scheduled", "Late"]


def test_runs_that_wait_for_something_else_are_not_late() -> None:
    at = now()
    for name in ("AwaitingRetry", "Resuming", "AwaitingConcurrencySlot"):
        factories.flow_run(factories.scheduled(at - timedelta(minutes=1), name=name))
    factories.flow_run(factories.pending())

    LateMarker().tick(at)

    assert names() == [
        "AwaitingRetry",
        "Resuming",
        "AwaitingConcurrencySlot",
        "Pending",
    ]


def test_a_full_batch_asks_for_another_turn() -> None:
    at = now()
    for _ in range(3):
        factories.flow_run(factories.scheduled(at - timedelta(minutes=1)))
    marker = LateMarker()
    marker.batch = 2  # type: ignore[misc]

    assert marker.tick(at) is True
    assert marker.tick(at) is False
    assert names() == ["Late"] * 3
