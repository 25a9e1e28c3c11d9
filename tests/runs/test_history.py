from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.clock import now
from runs.history import tallies
from runs.models import FlowRun
from runs.reads import late, progress, running, siblings, troubles
from runs.recent import newest, recent
from tests import factories as make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_runs_are_counted_per_slice_and_state():
    for seconds in (0, 599, 600, 1199):
        make.flow_run(make.completed(), at=NOON + timedelta(seconds=seconds))
    make.flow_run(make.failed(), at=NOON + timedelta(seconds=5))

    counted = tallies(FlowRun.objects.by_start(), slice_seconds=600)

    found = {(one.start, one.type): one.runs for one in counted}
    assert found == {
        (NOON, "COMPLETED"): 2,
        (NOON, "FAILED"): 1,
        (NOON + timedelta(minutes=10), "COMPLETED"): 2,
    }


def test_the_last_runs_of_many_flows_come_in_one_statement(
    django_assert_num_queries,
):
    flows = [make.flow() for _ in range(3)]
    for flow in flows[:2]:
        for hours in range(5):
            made = make.completed()
            make.flow_run(made, flow=flow, at=NOON - timedelta(hours=hours))
    make.flow_run(make.scheduled(now() + timedelta(hours=1)), flow=flows[0])

    with django_assert_num_queries(1):
        found = recent("flow", [flow.pk for flow in flows], most=3, now=now())

    assert {len(found[flow.pk]) for flow in flows[:2]} == {3}
    assert flows[2].pk not in found
    starts = [run.started for run in found[flows[0].pk]]
    assert starts == [NOON - timedelta(hours=h) for h in (2, 1, 0)]
    assert newest(found[flows[0].pk]).started == NOON
    assert newest(None) is None
    assert recent("flow", [], most=3, now=now()) == {}


def test_a_running_run_counts_its_time_until_now():
    run = make.flow_run(
        make.running(), deployment=make.deployment(), at=NOON, total_run_time=5.0
    )

    found = recent(
        "deployment", [run.deployment_id], most=1, now=NOON + timedelta(seconds=7)
    )

    assert found[run.deployment_id][0].seconds == 12


def test_progress_counts_what_ended_and_what_failed():
    run = make.flow_run(make.running())
    for state in (
        make.completed(),
        make.failed(),
        make.crashed(),
        make.cancelled(),
        make.running(),
        make.pending(),
    ):
        make.task_run(state, flow_run=run)

    found = progress([run.pk])[run.pk]

    assert (found.done, found.failed, found.running, found.total) == (2, 2, 1, 6)
    assert found.ended == 4


def test_running_runs_come_oldest_first_and_late_ones_longest_first():
    made = [
        make.flow_run(state, name=name, at=NOON - timedelta(minutes=minutes))
        for name, state, minutes in (
            ("young", make.running(), 1),
            ("old", make.running(), 9),
            ("done", make.completed(), 5),
        )
    ]
    make.flow_run(make.late(timedelta(minutes=1)), name="little")
    make.flow_run(make.late(timedelta(hours=1)), name="much")

    assert len(made) == 3
    assert [run.name for run in running(FlowRun.objects.all())] == ["old", "young"]
    assert [run.name for run in late(FlowRun.objects.all())] == ["much", "little"]


def test_troubles_count_by_flow_and_quote_the_newest():
    daily, hourly = make.flow(name="daily"), make.flow(name="hourly")
    make.flow_run(make.failed("old"), flow=daily, at=NOON - timedelta(hours=1))
    make.flow_run(make.crashed("new"), flow=daily, at=NOON)
    make.flow_run(make.failed("other"), flow=hourly, at=NOON)
    make.flow_run(make.completed(), flow=hourly, at=NOON)

    found = troubles(FlowRun.objects.by_start(), most=10)

    assert [(one.flow, one.runs, one.message) for one in found] == [
        ("daily", 2, "new"),
        ("hourly", 1, "other"),
    ]


def test_siblings_belong_to_the_same_deployment_or_else_flow():
    flow = make.flow()
    deployment = make.deployment(flow=flow)
    first, second, third = (
        make.flow_run(make.completed(), flow=flow, at=NOON + timedelta(hours=n), **of)
        for n, of in enumerate([{}, {"deployment": deployment}, {}])
    )
    runs = FlowRun.objects.all()

    assert siblings(second, runs) == (None, None)
    assert siblings(first, runs) == (None, second)
    assert siblings(third, runs) == (second, None)
