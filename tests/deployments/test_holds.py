"""Holds and edits of operators outlive deploys; only operators lift them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.actor import OWNER
from core.dialect import THREE, TWO
from deployments import blackouts, holds, schedules, services
from deployments.loops import LateMarker, RecentScheduler
from deployments.models import Deployment, Schedule
from flows.models import Flow
from runs.models import FlowRun
from tests import factories

NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
HOURLY = {"cron": "0 * * * *"}
DAILY = {"cron": "0 6 * * *"}
# what the two generations of clients send, again and again
SENT_2: dict[str, Any] = {"paused": False, "catchup": False, "active": True}
SENT_3: dict[str, Any] = {"paused": False, "active": True, "parameters": {}}

pytestmark = pytest.mark.django_db


def deploy(
    flow: Flow,
    *shapes: Mapping[str, Any],
    dialect: Any = THREE,
    now: datetime = NOON,
    **fields: Any,
) -> Deployment:
    """As the clients of a generation do."""
    beside = SENT_2 if dialect is TWO else SENT_3
    each = {key: value for key, value in beside.items() if key != "paused"}
    sent = {
        "paused": False,
        "schedules": [{"schedule": dict(shape)} | each for shape in shapes],
    } | fields
    made, *_ = services.apply(flow.pk, "d", sent, actor=OWNER, dialect=dialect, now=now)
    return made


def the_schedule(deployment: Deployment) -> Schedule:
    """The only schedule."""
    return deployment.schedules.get()


def ahead(deployment: Deployment, now: datetime = NOON) -> int:
    """How many planned runs lie ahead."""
    runs = FlowRun.objects.filter(deployment=deployment, auto_scheduled=True)
    return runs.filter(next_scheduled_start_time__gt=now).count()


def test_twenty_deploys_keep_the_hold_the_edits_and_the_late_runs() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY, DAILY)
    hourly, daily = deployment.schedules.order_by("created", "id")
    later = NOON + timedelta(minutes=61)
    LateMarker().tick(later)
    late = list(FlowRun.objects.filter(state_name="Late").values_list("pk", flat=True))
    edited = {"parameters": {"x": 1}, "overlap_policy": "skip"}
    schedules.amend(deployment.pk, daily.pk, edited, actor=OWNER, now=later)
    holds.hold(
        deployment.pk, schedule_id=hourly.pk, reason="moving", actor=OWNER, now=later
    )

    for number in range(20):
        dialect = TWO if number % 2 else THREE
        now = later + timedelta(seconds=number)
        deploy(flow, HOURLY, DAILY, dialect=dialect, now=now)

    rows = {row.schedule["cron"]: row for row in deployment.schedules.all()}
    assert rows["0 * * * *"].active is False
    assert deployment.holds.get().reason == "moving"
    assert rows["0 6 * * *"].parameters == {"x": 1}
    assert rows["0 6 * * *"].overlap_policy == "skip"
    assert late
    still = FlowRun.objects.filter(pk__in=late, state_name="Late")
    assert still.count() == len(late)
    runs = FlowRun.objects.filter(next_scheduled_start_time__gt=later)
    assert {run.parameters.get("x") for run in runs} == {1}


def test_a_paused_deployment_stays_paused_until_somebody_resumes_it() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    services.pause(deployment.pk, actor=OWNER, dialect=THREE, now=NOON)

    deploy(flow, HOURLY)
    services.amend(deployment.pk, {"paused": False}, actor=OWNER, now=NOON)
    deployment.refresh_from_db()
    is_paused, none_ahead = deployment.paused, ahead(deployment)
    services.resume(deployment.pk, actor=OWNER, dialect=THREE, now=NOON)

    deployment.refresh_from_db()
    assert (is_paused, none_ahead) == (True, 0)
    assert deployment.paused is False
    assert ahead(deployment) == 3
    assert not deployment.holds.exists()


def test_serving_again_wakes_what_serving_put_to_sleep() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    services.amend(deployment.pk, {"paused": True}, actor=OWNER, now=NOON)
    asleep = ahead(deployment)

    again = NOON + timedelta(hours=5)
    deploy(flow, HOURLY, now=again)

    assert asleep == 0
    assert ahead(deployment, again) == 3
    assert not deployment.holds.exists()
    starts = FlowRun.objects.values_list("expected_start_time", flat=True)
    assert min(at for at in starts if at) == again.replace(hour=18, second=0)


def test_an_old_client_holds_and_releases_the_only_schedule() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY, dialect=TWO)

    services.pause(deployment.pk, actor=OWNER, dialect=TWO, now=NOON)
    off = the_schedule(deployment).active
    deploy(flow, HOURLY, dialect=TWO)
    services.resume(deployment.pk, actor=OWNER, dialect=TWO, now=NOON)

    assert off is False
    assert the_schedule(deployment).active is True
    assert ahead(deployment) == 3


def test_resuming_with_a_new_client_wakes_what_an_old_one_put_to_sleep() -> None:
    deployment = deploy(factories.flow(), HOURLY, dialect=TWO)
    services.pause(deployment.pk, actor=OWNER, dialect=TWO, now=NOON)

    services.resume(deployment.pk, actor=OWNER, dialect=THREE, now=NOON)

    assert the_schedule(deployment).active is True
    assert ahead(deployment) == 3


def test_a_hold_leaves_due_and_touched_runs_and_starts_by_hand() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    due, touched, _ = FlowRun.objects.order_by("expected_start_time")[:3]
    now = NOON + timedelta(hours=1)
    FlowRun.objects.filter(pk=touched.pk).update(run_count=1)
    by_hand = factories.flow_run(
        factories.scheduled(NOON + timedelta(days=1)), deployment=deployment
    )

    holds.hold(deployment.pk, actor=OWNER, now=now)

    assert set(FlowRun.objects.all()) == {due, touched, by_hand}


def test_setting_a_schedule_inactive_holds_it_and_active_lifts_that() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    schedule = the_schedule(deployment)
    change = {"actor": OWNER, "now": NOON}

    schedules.amend(deployment.pk, schedule.pk, {"active": False}, **change)
    held = deployment.holds.get().schedule_identity
    redeployed = the_schedule(deploy(flow, HOURLY))
    schedules.amend(deployment.pk, redeployed.pk, {"active": True}, **change)

    assert held == schedule.identity == redeployed.identity
    assert redeployed.active is False
    assert not deployment.holds.exists()
    assert the_schedule(deploy(flow, HOURLY)).active is True
    assert ahead(deployment) == 3


@pytest.mark.parametrize(
    "again",
    [
        {"interval": 3600, "anchor_date": "2026-11-21T12:34:56Z"},
        {"cron": "30 * * * *"},
    ],
    ids=["anchored anew", "changed by the code"],
)
def test_a_hold_knows_its_schedule_whatever_the_code_makes_of_it(
    again: dict[str, Any],
) -> None:
    flow = factories.flow()
    shape = {"interval": 3600, "anchor_date": "2026-11-20T00:00:00Z"}
    deployment = deploy(flow, shape)
    schedule = the_schedule(deployment)
    holds.hold(deployment.pk, schedule_id=schedule.pk, actor=OWNER, now=NOON)

    deploy(flow, again)

    row = the_schedule(deployment)
    assert (row.active, row.identity) == (False, schedule.identity)
    assert ahead(deployment) == 0


def test_what_the_code_changes_is_the_codes_again() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    schedule = the_schedule(deployment)
    edit = {"schedule": {"cron": "15 * * * *"}, "calendars": []}
    schedules.amend(deployment.pk, schedule.pk, edit, actor=OWNER, now=NOON)

    kept = the_schedule(deploy(flow, HOURLY)).schedule["cron"]
    changed = the_schedule(deploy(flow, {"cron": "45 * * * *"})).schedule["cron"]

    assert (kept, changed) == ("15 * * * *", "45 * * * *")


def test_an_edit_can_be_taken_back() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    schedule = the_schedule(deployment)
    ends = {"ends_at": "2026-12-01T00:00:00Z", "parameters": {"x": 1}}
    schedules.amend(deployment.pk, schedule.pk, ends, actor=OWNER, now=NOON)

    row = schedules.revert(deployment.pk, schedule.pk, actor=OWNER, now=NOON)

    assert (row.ends_at, row.parameters, row.deployed) == (None, {}, None)


def test_edits_keep_the_identity_and_every_instant_single() -> None:
    flow = factories.flow()
    deployment = deploy(flow, HOURLY)
    schedule = the_schedule(deployment)
    for number in range(5):
        sent = {"parameters": {"x": number}}
        schedules.amend(deployment.pk, schedule.pk, sent, actor=OWNER, now=NOON)
        deploy(flow, HOURLY)
        schedule = the_schedule(deployment)

    keys = FlowRun.objects.values_list("schedule_identity", "expected_start_time")
    assert len(set(keys)) == len(keys) == 3


def test_a_changed_calendar_plans_its_schedules_anew() -> None:
    closed = blackouts.create({"name": "holidays"}, actor=OWNER)
    deployment = factories.deployment()
    row = {"schedule": DAILY, "calendars": ["holidays"]}
    schedules.add(deployment.pk, [row], actor=OWNER, now=NOON)
    days = FlowRun.objects.order_by("expected_start_time")
    before = [run.expected_start_time.day for run in days if run.expected_start_time]

    blackouts.amend(closed.pk, {"closed": ["2026-11-23"]}, actor=OWNER, now=NOON)
    RecentScheduler().tick(NOON)

    after = [
        run.expected_start_time.day for run in days.all() if run.expected_start_time
    ]
    assert (before, after) == ([22, 23, 24], [22, 24, 25])
    last = days.last()
    assert last is not None
    assert last.interval_start is not None
    assert last.interval_start.day == 24
