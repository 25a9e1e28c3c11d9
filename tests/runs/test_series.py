"""A series of planned runs is what making each of them would have been."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from core.actor import OWNER
from core.clock import now
from runs.creation import NewFlowRun, create_flow_runs
from runs.models import FlowRun, FlowRunState
from runs.orchestration.transition import Proposal, stamp
from runs.series import Series, Span, create_series, key_at
from tests import factories as make

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SPANS: list[Span] = [
    (None, NOON),
    (NOON, NOON + timedelta(hours=1)),
    (NOON + timedelta(minutes=30), NOON + timedelta(hours=3, microseconds=7)),
]
OWN = {"id", "name", "state_id"}  # of each run, made up


def pattern(**fields: Any) -> NewFlowRun:
    """A run of a deployment with something in most columns."""
    deployment = make.deployment()
    told: dict[str, Any] = {
        "flow_id": deployment.flow_id,
        "deployment_id": deployment.pk,
        "parameters": {"text": 'a "quoted" ñ', "number": 1.5, "none": None},
        "tags": ["one", "two"],
        "labels": {"team": "data"},
        "auto_scheduled": True,
        "schedule_identity": "nightly",
    }
    return NewFlowRun(**told | fields)


def columns(run: FlowRun) -> dict[str, Any]:
    """The row, but for what is made up, with its state."""
    state = FlowRunState.objects.get(pk=run.state_id)
    row = {f.attname: getattr(run, f.attname) for f in run._meta.fields}
    details = dict(state.details)
    assert details.pop("flow_run_id") == str(run.pk)
    told = (state.type, state.name, state.message, state.timestamp, details)
    return {name: row[name] for name in row if name not in OWN} | {"state": told}


def test_each_run_is_as_if_it_had_been_made_alone():
    at, one, two = now(), pattern(), pattern()
    alone = [
        replace(
            one,
            idempotency_key=key_at("alone", due),
            interval_start=before,
            interval_end=due,
            state=Proposal(
                "SCHEDULED", message="planned", details={"scheduled_time": stamp(due)}
            ),
        )
        for before, due in SPANS
    ]
    create_flow_runs(alone, actor=OWNER, now=at)

    with transaction.atomic():
        several = [Series(one, "series", "planned", SPANS)]
        several.append(Series(two, "other", "planned", SPANS[:1]))
        made = create_series(several, actor=OWNER, now=at)

    assert made == 4
    runs = FlowRun.objects.order_by("expected_start_time")
    expected = [columns(run) for run in runs.filter(idempotency_key__startswith="al")]
    found = [columns(run) for run in runs.filter(idempotency_key__startswith="se")]
    for row in (*expected, *found):
        row["idempotency_key"] = row["idempotency_key"].partition(" ")[2]
    assert found == expected
    assert runs.get(deployment=two.deployment_id).flow_id == two.flow_id


def test_what_is_there_already_is_left_out():
    series = pattern()
    with transaction.atomic():
        assert create_series(
            [Series(series, "s", "", SPANS[:2])], actor=OWNER, now=now()
        )
        again = create_series([Series(series, "s", "", SPANS)], actor=OWNER, now=now())

    assert again == 1
    assert FlowRun.objects.count() == FlowRunState.objects.count() == 3


def test_more_than_one_statement_takes():
    spans: list[Span] = [(None, NOON + timedelta(minutes=n)) for n in range(450)]
    with transaction.atomic():
        made = create_series(
            [Series(pattern(), "s", "", spans)], actor=OWNER, now=now()
        )

    assert made == 450
    due = FlowRun.objects.order_by("id").values_list("expected_start_time", flat=True)
    assert list(due) == [at for _, at in spans]


def test_nothing_to_make():
    with transaction.atomic():
        assert (
            create_series([Series(pattern(), "s", "", [])], actor=OWNER, now=now()) == 0
        )
        assert create_series([], actor=OWNER, now=now()) == 0
