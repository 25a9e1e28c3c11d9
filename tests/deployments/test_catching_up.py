"""What becomes of instants that passed while no scheduler ran."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from core.actor import OWNER
from core.dialect import TWO
from deployments import schedules, services
from deployments.loops import RecentScheduler, Scheduler
from deployments.models import Deployment
from deployments.scheduling.planner import FULL
from events.models import Event
from runs.models import FlowRun
from tests import factories

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOURLY = {"cron": "0 * * * *"}

pytestmark = pytest.mark.django_db


def planned(deployment: Deployment) -> list[datetime]:
    """When the runs are due, in order."""
    runs = FlowRun.objects.filter(
        deployment=deployment, expected_start_time__isnull=False
    )
    rows = runs.order_by("expected_start_time")
    return [at for at in rows.values_list("expected_start_time", flat=True) if at]


def after_an_outage(
    shape: dict[str, Any], length: timedelta, **policy: Any
) -> tuple[Deployment, list[datetime]]:
    """A schedule nobody planned for so long; the runs made for that time."""
    deployment = factories.deployment()
    schedules.add(deployment.pk, [{"schedule": shape} | policy], actor=OWNER, now=NOON)
    known = planned(deployment)
    now = NOON + length + timedelta(minutes=30)
    while Scheduler().tick(now) or RecentScheduler().tick(now):
        pass
    missed = [at for at in planned(deployment) if known[-1] < at <= now]
    return deployment, missed


@pytest.mark.parametrize(
    ("policy", "number"),
    [
        ({}, 0),
        ({"catchup_policy": "latest"}, 1),
        ({"catchup": True}, 26),
        ({"catchup_policy": "all", "catchup_seconds": 6 * 3600}, 6),
    ],
    ids=["none", "latest", "all", "a window"],
)
def test_an_outage_of_26_hours(policy: dict[str, Any], number: int) -> None:
    # three runs ahead were planned before the outage
    _, missed = after_an_outage(HOURLY, timedelta(hours=28), **policy)

    assert len(missed) == number
    expected = [NOON + timedelta(hours=28 - n) for n in range(number)]
    assert missed == sorted(expected)


def test_what_is_left_out_is_told_with_its_reason() -> None:
    after_an_outage(HOURLY, timedelta(hours=28))

    (event,) = Event.objects.filter(event="orion.deployment.instants-left-out")
    assert event.body["payload"]["number"] == 26
    assert "does not catch up" in event.body["payload"]["reason"]


def test_a_long_outage_is_caught_up_in_bounded_transactions() -> None:
    shape = {"cron": "* * * * *"}

    _, missed = after_an_outage(shape, timedelta(hours=20), catchup=True)

    assert len(missed) > 2 * FULL
    steps = {later - earlier for earlier, later in pairwise(missed)}
    assert steps == {timedelta(minutes=1)}


def test_a_deploy_by_an_old_client_keeps_what_it_says_about_catching_up() -> None:
    flow = factories.flow()

    def deploy(now: datetime) -> Deployment:
        sent = {"schedules": [{"schedule": HOURLY, "catchup": True}]}
        found, *_ = services.apply(
            flow.pk, "d", sent, actor=OWNER, dialect=TWO, now=now
        )
        return found

    deploy(NOON)
    deployment = deploy(NOON + timedelta(hours=10, minutes=30))

    hours = [NOON + timedelta(hours=n) for n in range(14)]
    assert planned(deployment) == hours


def test_what_passes_while_an_operator_holds_is_not_missed() -> None:
    flow = factories.flow()
    sent = {"schedules": [{"schedule": HOURLY, "catchup": True}]}
    deployment, *_ = services.apply(
        flow.pk, "d", sent, actor=OWNER, dialect=TWO, now=NOON
    )
    services.pause(deployment.pk, actor=OWNER, dialect=TWO, now=NOON)

    later = NOON + timedelta(hours=10, minutes=30)
    services.resume(deployment.pk, actor=OWNER, dialect=TWO, now=later)

    first, second, *_ = planned(deployment)
    assert (first, second) == (NOON, NOON + timedelta(hours=11))


def test_bounds_begin_and_end_a_schedule() -> None:
    deployment = factories.deployment()
    row = {
        "schedule": HOURLY,
        "starts_at": "2026-11-21T14:00:00Z",
        "ends_at": "2026-11-21T15:30:00+00:00",
    }

    schedules.add(deployment.pk, [row], actor=OWNER, now=NOON)

    assert [at.hour for at in planned(deployment)] == [14, 15]


def test_intervals_of_runs_tile_a_week_with_a_clock_change() -> None:
    shape = {"cron": "30 1,2 * * *", "timezone": "Europe/Berlin"}
    deployment = factories.deployment()
    start = datetime(2026, 3, 26, tzinfo=UTC)
    schedules.add(deployment.pk, [{"schedule": shape}], actor=OWNER, now=start)
    for day in range(1, 7):
        Scheduler().tick(start + timedelta(days=day))

    spans = list(
        FlowRun.objects.filter(deployment=deployment)
        .order_by("interval_end")
        .values_list("interval_start", "interval_end", "expected_start_time")
    )

    assert len(spans) > 10
    assert all(end == due for _, end, due in spans)
    ends = [end for _, end, _ in spans]
    assert [begin for begin, _, _ in spans][1:] == ends[:-1]
    assert spans[0][0] is not None
