"""Back-fills: the runs of a span of the past, a few at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.actor import OWNER
from core.errors import Conflict, Invalid
from deployments import holds, schedules, services
from deployments.loops import BackfillFeeder, LateMarker, OverlapKeeper
from deployments.models import Backfill, Deployment, Schedule
from deployments.scheduling import backfill
from deployments.scheduling.backfill import Span
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.states import StateType
from tests import factories
from work_pools.eligible import startable

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
DAY = NOW - timedelta(days=1)

pytestmark = pytest.mark.django_db


def hourly(**columns: Any) -> Schedule:
    """An hourly schedule with a parameter of its own."""
    deployment = factories.deployment(parameters={"x": 1, "y": 1})
    sent = {"schedule": {"cron": "0 * * * *"}, "parameters": {"y": 2}} | columns
    (row,) = schedules.add(deployment.pk, [sent], actor=OWNER, now=NOW)
    return row


def span(schedule: Schedule, hours: int = 10, **how: Any) -> Span:
    """So many hours of yesterday."""
    end = DAY + timedelta(hours=hours)
    return Span(schedule_id=schedule.pk, start=DAY, end=end, **how)


def started(schedule: Schedule, hours: int = 10, **how: Any) -> Backfill:
    """A back-fill of so many hours."""
    wanted = span(schedule, hours, **how)
    return backfill.start(schedule.deployment_id, wanted, actor=OWNER, now=NOW)


def runs_of(made: Backfill) -> list[FlowRun]:
    """Its runs by the instant they stand for."""
    return list(FlowRun.objects.filter(backfill_id=made.pk).order_by("interval_end"))


def finish(*runs: FlowRun, state: StateType = StateType.COMPLETED) -> None:
    """Let runs take place."""
    for run in runs:
        for kind in (StateType.PENDING, StateType.RUNNING, state):
            propose_flow_run(run.pk, factories.STATES[kind](), actor=OWNER)


def test_no_more_runs_are_open_than_its_limit() -> None:
    made = started(hourly(), limit=3)
    first = runs_of(made)

    BackfillFeeder().tick(NOW)
    assert len(runs_of(made)) == 3
    finish(first[0])
    BackfillFeeder().tick(NOW)

    assert len(runs_of(made)) == 4
    assert [run.interval_end.hour for run in runs_of(made) if run.interval_end] == [
        13,
        14,
        15,
        16,
    ]


def test_it_is_done_when_all_its_runs_have_ended() -> None:
    made = started(hourly(), hours=2, limit=5)

    finish(*runs_of(made))
    BackfillFeeder().tick(NOW)

    made.refresh_from_db()
    assert made.status == "done"
    assert backfill.counts([made]) == {made.pk: {"COMPLETED": 2}}


def test_its_runs_are_due_at_once_never_late_and_know_their_interval() -> None:
    made = started(hourly(), hours=1, parameters={"z": 3})
    (run,) = runs_of(made)

    LateMarker().tick(NOW + timedelta(hours=1))

    run.refresh_from_db()
    assert run.state_name == "Scheduled"
    assert run.next_scheduled_start_time == NOW
    assert run.parameters == {"x": 1, "y": 2, "z": 3}
    assert run.interval_end == DAY.replace(hour=13, second=0)
    assert run.interval_start == DAY.replace(hour=12, second=0)
    assert run.auto_scheduled is False


def test_deploys_and_holds_leave_it_alone() -> None:
    schedule = hourly()
    made = started(schedule, limit=2)
    deployment = schedule.deployment

    holds.hold(deployment.pk, actor=OWNER, now=NOW)
    services.amend(deployment.pk, {"schedules": []}, actor=OWNER, now=NOW)

    assert len(runs_of(made)) == 2
    finish(*runs_of(made))
    BackfillFeeder().tick(NOW)
    assert len(runs_of(made)) == 4


def test_the_maximum_of_its_schedule_is_not_its_own() -> None:
    schedule = hourly(overlap_policy="skip")
    factories.flow_run(
        factories.running(),
        deployment=schedule.deployment,
        schedule_identity=schedule.identity,
    )
    made = started(schedule, limit=3)

    OverlapKeeper().tick(NOW)
    offered = startable(FlowRun.objects.filter(backfill_id=made.pk), NOW)

    assert set(offered) == set(runs_of(made))
    assert {run.state_name for run in offered} == {"Scheduled"}
    assert len(offered) == 3


def planned_run(deployment: Deployment, schedule: Schedule, hour: int) -> FlowRun:
    """The run that the scheduler made yesterday at that hour."""
    instant = DAY.replace(hour=hour, second=0)
    return factories.flow_run(
        factories.scheduled(instant),
        deployment=deployment,
        schedule_identity=schedule.identity,
        idempotency_key=f"scheduled {deployment.pk} {schedule.identity} {instant}",
    )


@pytest.mark.parametrize(
    ("reprocess", "hours"),
    [("missing", [16]), ("failed", [14, 16]), ("all", [13, 14, 15, 16])],
)
def test_which_instants_get_a_run(reprocess: str, hours: list[int]) -> None:
    schedule = hourly()
    deployment = schedule.deployment
    succeeded, failed, _waits = (
        planned_run(deployment, schedule, hour) for hour in (13, 14, 15)
    )
    finish(succeeded)
    finish(failed, state=StateType.FAILED)
    wanted = span(schedule, hours=4, reprocess=reprocess, limit=10)

    told = backfill.dry_run(deployment.pk, wanted, actor=OWNER)
    before = FlowRun.objects.filter(backfill_id__isnull=False).count()
    made = backfill.start(deployment.pk, wanted, actor=OWNER, now=NOW)

    assert (told.instants, told.runs, before) == (4, len(hours), 0)
    assert [at.hour for at in told.first] == hours
    assert [run.interval_end.hour for run in runs_of(made) if run.interval_end] == hours


def test_pausing_takes_back_what_waits_and_resuming_makes_it_again() -> None:
    made = started(hourly(), hours=5, limit=3)
    first, *_ = runs_of(made)
    propose_flow_run(first.pk, factories.pending(), actor=OWNER)

    backfill.pause(made.pk, actor=OWNER, now=NOW)
    BackfillFeeder().tick(NOW)
    left = runs_of(made)
    backfill.resume(made.pk, actor=OWNER, now=NOW)
    BackfillFeeder().tick(NOW)

    assert left == [first]
    ends = [run.interval_end.hour for run in runs_of(made) if run.interval_end]
    assert ends == [13, 14, 15]


def test_cancelling_stops_what_runs_and_what_waits() -> None:
    made = started(hourly(), limit=2)
    active, _ = runs_of(made)
    for state in (factories.pending(), factories.running()):
        propose_flow_run(active.pk, state, actor=OWNER)

    backfill.cancel(made.pk, actor=OWNER, now=NOW)
    BackfillFeeder().tick(NOW)

    assert [run.state_type for run in runs_of(made)] == ["CANCELLING", "CANCELLED"]
    with pytest.raises(Conflict, match="cancelled"):
        backfill.resume(made.pk, actor=OWNER, now=NOW)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"hours": -1}, "ends after it starts"),
        ({"limit": 0}, "from 1 to 1000"),
        ({"reprocess": "some"}, "missing, failed, all"),
    ],
)
def test_what_means_nothing_is_refused(how: dict[str, Any], text: str) -> None:
    with pytest.raises(Invalid, match=text):
        started(hourly(), **how)


def test_ten_thousand_instants_are_decided_in_bounded_transactions(long: bool) -> None:
    minutes = 10_000 if long else 600
    schedule = hourly(schedule={"cron": "* * * * *"})
    end = DAY + timedelta(minutes=minutes)
    wanted = Span(schedule_id=schedule.pk, start=DAY, end=end, limit=1000)

    made = backfill.start(schedule.deployment_id, wanted, actor=OWNER, now=NOW)
    while BackfillFeeder().tick(NOW) or len(open_ := runs_of(made)) < min(
        1000, minutes
    ):
        pass

    assert len(open_) == min(1000, minutes)
    assert len({run.interval_end for run in open_}) == len(open_)
