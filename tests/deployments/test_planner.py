"""The planner: from schedules to runs, each instant once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.actor import OWNER
from core.dialect import THREE
from deployments import schedules, services
from deployments.loops import RecentScheduler, Scheduler
from deployments.models import Deployment, Schedule
from deployments.scheduling.planner import FULL, plan
from flows.models import Flow
from runs.models import FlowRun, FlowRunState
from tests import factories

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTELY = {"cron": "* * * * *"}
EVERY_20_MINUTES = {"interval": 1200, "anchor_date": "2026-01-01T00:00:00Z"}
DAILY = {"cron": "0 0 * * *"}

pytestmark = pytest.mark.django_db


def deploy(flow: Flow, *shapes: dict[str, Any], now: datetime = NOON) -> Deployment:
    """Apply a deployment with these schedules, as a client does again and again."""
    sent = {"schedules": [{"schedule": shape} for shape in shapes]}
    deployment, *_ = services.apply(
        flow.pk, "d", sent, actor=OWNER, dialect=THREE, now=now
    )
    return deployment


def starts(deployment: Deployment) -> list[str]:
    """When the runs of a deployment are due."""
    runs = FlowRun.objects.filter(deployment=deployment)
    due = runs.order_by("expected_start_time").values_list("expected_start_time")
    return [f"{at:%d %H:%M}" for (at,) in due]


def test_at_least_three_runs_and_an_hour_are_planned() -> None:
    now = NOON + timedelta(seconds=1)
    deployment = deploy(factories.flow(), EVERY_20_MINUTES, DAILY, now=now)

    assert starts(deployment) == [
        "21 12:20",
        "21 12:40",
        "21 13:00",
        "21 13:20",
        "22 00:00",
        "23 00:00",
        "24 00:00",
    ]


def test_no_more_than_a_hundred_are_planned_at_once() -> None:
    shape = {"interval": 1, "anchor_date": "2026-01-01T00:00:00Z"}
    deployment = deploy(factories.flow(), shape)

    assert len(starts(deployment)) == 100


def test_nothing_is_planned_beyond_a_hundred_days() -> None:
    monthly = deploy(factories.flow(), {"cron": "0 0 1 * *"})
    yearly = deploy(factories.flow(), {"cron": "0 0 1 6 *"})

    assert starts(monthly) == ["01 00:00", "01 00:00", "01 00:00"]
    assert starts(yearly) == []


def test_planning_twice_makes_nothing_new() -> None:
    deployment = deploy(factories.flow(), MINUTELY)

    plan(deployment.pk, now=NOON)
    plan(deployment.pk, now=NOON)
    deployment.schedules.update(planned_until=None, plan_after=None)
    plan(deployment.pk, now=NOON)

    assert len(starts(deployment)) == 61


def test_a_planned_run_takes_after_deployment_and_schedule() -> None:
    pool = factories.work_pool()
    deployment = factories.deployment(
        tags=["a"],
        parameters={"x": 1, "y": 1},
        labels={"team": "blue"},
        version="7",
        work_queue=pool.default_queue,
        work_queue_name="default",
    )
    schedule = factories.schedule(
        deployment, DAILY, parameters={"y": 2}, slug="nightly"
    )

    plan(deployment.pk, now=NOON)

    run = FlowRun.objects.order_by("expected_start_time").first()
    assert run is not None
    due = datetime(2026, 11, 22, tzinfo=UTC)
    assert run.idempotency_key == (
        f"scheduled {deployment.pk} nightly 2026-11-22 00:00:00+00:00"
    )
    assert run.expected_start_time == run.next_scheduled_start_time == due
    assert (run.state_type, run.state_name) == ("SCHEDULED", "Scheduled")
    assert (run.tags, run.parameters) == (["auto-scheduled", "a"], {"x": 1, "y": 2})
    assert (run.auto_scheduled, run.deployment_version) == (True, "7")
    assert (run.work_queue, run.work_queue_name) == (pool.default_queue, "default")
    assert run.labels["team"] == "blue"
    assert run.labels["prefect.deployment.id"] == str(deployment.pk)
    assert run.created_by == {
        "id": str(schedule.pk),
        "type": "SCHEDULE",
        "display_value": "nightly",
    }
    state = FlowRunState.objects.get(flow_run=run)
    assert state.message == "Flow run scheduled"
    assert state.details["scheduled_time"] == "2026-11-22T00:00:00.000000Z"


def test_deploying_again_keeps_every_instant_single() -> None:
    flow = factories.flow()
    deployment = deploy(flow, MINUTELY)
    plan(deployment.pk, now=NOON)
    before = starts(deployment)

    for minute in range(5):
        now = NOON + timedelta(minutes=minute)
        plan(deploy(flow, MINUTELY, now=now).pk, now=now)

    after = starts(deployment)
    assert len(after) == len(set(after)) == 65
    assert set(before) <= set(after)


def test_deploying_again_replaces_what_nobody_touched_and_nothing_else() -> None:
    flow = factories.flow()
    deployment = deploy(flow, EVERY_20_MINUTES)
    plan(deployment.pk, now=NOON)
    runs = list(FlowRun.objects.order_by("expected_start_time"))
    due, touched = runs[0], runs[1]
    FlowRun.objects.filter(pk=touched.pk).update(run_count=1)
    asked_for = factories.flow_run(
        factories.scheduled(NOON + timedelta(hours=1)), deployment=deployment
    )

    deploy(flow, DAILY, now=NOON)

    stayed = FlowRun.objects.filter(schedule_identity__isnull=True)
    kept = FlowRun.objects.filter(pk__in=[run.pk for run in runs])
    assert set(kept) == {due, touched}
    assert list(stayed) == [asked_for]
    assert starts(deployment) == [
        "21 12:00",
        "21 12:20",
        "21 13:00",
        "22 00:00",
        "23 00:00",
        "24 00:00",
    ]


def test_equal_schedules_are_one_and_slugs_tell_them_apart() -> None:
    deployment = factories.deployment()
    one, two = (factories.schedule(deployment, DAILY) for _ in range(2))
    other = factories.schedule(deployment, DAILY, parameters={"x": 1})
    named = factories.schedule(deployment, DAILY, slug="n")

    plan(deployment.pk, now=NOON)

    assert one.identity == two.identity
    assert len({one.identity, other.identity, named.identity}) == 3
    assert len(starts(deployment)) == 9


def test_paused_deployments_and_inactive_schedules_rest() -> None:
    deployment = factories.deployment(paused=True)
    factories.schedule(deployment, DAILY)
    resting = factories.deployment()
    factories.schedule(resting, DAILY, active=False)

    RecentScheduler().tick(NOON)
    Scheduler().tick(NOON)

    assert plan(deployment.pk, now=NOON) == plan(resting.pk, now=NOON) == 0
    assert not FlowRun.objects.exists()


def test_pausing_takes_back_future_runs_and_resuming_plans_them_again() -> None:
    deployment = deploy(factories.flow(), EVERY_20_MINUTES)
    RecentScheduler().tick(NOON)
    planned = starts(deployment)
    later = NOON + timedelta(minutes=30)

    services.pause(deployment.pk, actor=OWNER, dialect=THREE, now=later)
    left = starts(deployment)
    services.resume(deployment.pk, actor=OWNER, dialect=THREE, now=later)

    assert left == planned[:2]
    assert starts(deployment) == [*planned, "21 13:20", "21 13:40"]


def test_removing_a_schedule_takes_back_its_runs() -> None:
    deployment = deploy(factories.flow(), EVERY_20_MINUTES, DAILY)
    plan(deployment.pk, now=NOON)
    daily = next(row for row in deployment.schedules.all() if "cron" in row.schedule)

    schedules.remove(deployment.pk, daily.pk, actor=OWNER, now=NOON)

    assert starts(deployment) == ["21 12:00", "21 12:20", "21 12:40", "21 13:00"]


def test_a_deploy_plans_at_once_and_the_regular_scheduler_plans_on() -> None:
    deployment = deploy(factories.flow(), MINUTELY)

    later = NOON + timedelta(minutes=5)
    assert len(starts(deployment)) == 61
    assert RecentScheduler().tick(later) is False
    assert len(starts(deployment)) == 61
    assert Scheduler().tick(later) is False
    assert len(starts(deployment)) == 71
    assert not Schedule.objects.running_dry(later + timedelta(minutes=4)).exists()


def test_a_daily_schedule_is_planned_on_when_a_day_has_passed() -> None:
    deployment = deploy(factories.flow(), DAILY)
    RecentScheduler().tick(NOON)

    Scheduler().tick(NOON + timedelta(hours=11))
    assert len(starts(deployment)) == 3

    Scheduler().tick(NOON + timedelta(hours=13))
    assert len(starts(deployment)) == 4


def test_a_schedule_that_cannot_be_read_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    deployment = factories.deployment()
    factories.schedule(deployment, {"cron": "* * * * *", "timezone": "Gone/Zone"})
    factories.schedule(deployment, DAILY)

    RecentScheduler().tick(NOON)

    assert len(starts(deployment)) == 3
    assert "schedule skipped" in caplog.text
    assert not Schedule.objects.fresh().exists()


def test_a_deployment_with_many_schedules_is_planned_in_several_transactions() -> None:
    deployment = factories.deployment()
    for second in range(12):
        shape = {**EVERY_20_MINUTES, "interval": 60 + second}
        factories.schedule(deployment, shape)

    plan(deployment.pk, now=NOON)

    assert not deployment.schedules.in_need(NOON).exists()
    assert len(starts(deployment)) > FULL
