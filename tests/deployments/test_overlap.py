"""What becomes of due runs while others of their schedule are active."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.actor import OWNER
from deployments import schedules
from deployments.loops import OverlapKeeper
from deployments.models import Schedule
from deployments.scheduling.overlap import Settlement, Situation, decide
from runs.explanations import explain
from runs.models import FlowRun
from runs.orchestration.transition import Proposal
from tests import factories
from tests.factories import cancelling, paused, pending, running, scheduled

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B, C, D, E = (uuid4() for _ in range(5))


@pytest.mark.parametrize(
    ("policy", "active", "waiting", "limit", "queue", "skipped", "cancelled"),
    [
        ("allow", [A, B], [C, D], 1, None, [], []),
        ("queue", [A], [B, C, D], 1, None, [], []),
        ("queue", [A], [B, C, D], 1, 2, [D], []),
        ("queue", [], [B, C, D], 1, 1, [D], []),
        ("queue", [A], [B, C], 1, 0, [B, C], []),
        ("skip", [A], [B, C], 1, None, [B, C], []),
        ("skip", [], [B, C], 1, None, [C], []),
        ("skip", [A], [B, C], 2, None, [C], []),
        ("replace", [A], [B], 1, None, [], [A]),
        ("replace", [A], [B, C], 1, None, [B], [A]),
        ("replace", [], [B, C, D], 2, None, [B], []),
        ("replace", [A, B], [C], 2, None, [], [A]),
        ("replace", [A], [], 1, None, [], []),
    ],
)
def test_the_table_of_policies(
    policy: str,
    active: list[UUID],
    waiting: list[UUID],
    limit: int,
    queue: int | None,
    skipped: list[UUID],
    cancelled: list[UUID],
) -> None:
    found = decide(policy, Situation(active, waiting, limit, queue))

    assert found == Settlement(tuple(skipped), tuple(cancelled))


def made(policy: str, **columns: Any) -> Schedule:
    """A schedule with an overlap policy, as an operator sets it."""
    deployment = factories.deployment()
    sent = {"schedule": {"cron": "* * * * *"}, "overlap_policy": policy} | columns
    later = NOON + timedelta(days=1)
    (row,) = schedules.add(
        deployment.pk, [sent | {"starts_at": later}], actor=OWNER, now=NOON
    )
    return row


def run_of(schedule: Schedule, state: Proposal, *, due: int = 0) -> FlowRun:
    """A run that the schedule made, due so many minutes ago."""
    at = NOON - timedelta(minutes=due)
    return factories.flow_run(
        state,
        at=at,
        deployment=schedule.deployment,
        schedule_identity=schedule.identity,
        auto_scheduled=True,
        expected_start_time=at,
    )


def due_run(schedule: Schedule, minutes: int) -> FlowRun:
    """A run that waits since so many minutes."""
    at = NOON - timedelta(minutes=minutes)
    return run_of(schedule, scheduled(at), due=minutes)


def names(*runs: FlowRun) -> list[str | None]:
    """The names of their states now."""
    for run in runs:
        run.refresh_from_db()
    return [run.state_name for run in runs]


@pytest.mark.django_db
@pytest.mark.parametrize("state", [pending, running, cancelling, paused])
def test_skipped_runs_are_cancelled_and_say_why(state: Any) -> None:
    schedule = made("skip")
    active = run_of(schedule, state(), due=3)
    late, new = due_run(schedule, 2), due_run(schedule, 1)
    by_hand = factories.flow_run(
        scheduled(NOON - timedelta(minutes=1)), deployment=schedule.deployment
    )

    OverlapKeeper().tick(NOON)

    assert names(late, new) == ["Skipped", "Skipped"]
    assert names(by_hand) == ["Scheduled"]
    assert names(active) == [state().title]
    late.refresh_from_db()
    assert late.state_type == "CANCELLED"
    assert "1 of 1 runs of its schedule are active" in explain(late)[0].sentence


@pytest.mark.django_db
def test_the_newest_replaces_what_runs() -> None:
    schedule = made("replace")
    active = run_of(schedule, running(), due=3)
    older, newest = due_run(schedule, 2), due_run(schedule, 1)

    OverlapKeeper().tick(NOON)
    OverlapKeeper().tick(NOON + timedelta(seconds=5))

    assert names(active, older, newest) == ["Cancelling", "Skipped", "Scheduled"]


@pytest.mark.django_db
def test_so_many_wait_and_what_lies_ahead_is_left_alone() -> None:
    schedule = made("queue", overlap_queue=1)
    run_of(schedule, running(), due=9)
    waits, skipped = due_run(schedule, 2), due_run(schedule, 1)
    ahead = due_run(schedule, -5)

    OverlapKeeper().tick(NOON)

    assert names(waits, skipped, ahead) == ["Scheduled", "Skipped", "Scheduled"]


@pytest.mark.django_db
def test_the_runs_of_other_schedules_are_not_counted() -> None:
    schedule = made("skip")
    other = factories.schedule(schedule.deployment, {"cron": "0 * * * *"})
    run_of(other, running(), due=3)
    due = due_run(schedule, 1)

    OverlapKeeper().tick(NOON)

    assert names(due) == ["Scheduled"]


@pytest.mark.django_db
def test_where_runs_must_not_overlap_one_at_a_time_is_meant() -> None:
    assert made("skip").max_active_runs == 1
    assert made("skip", max_active_runs=3).max_active_runs == 3
    assert made("allow").max_active_runs is None
