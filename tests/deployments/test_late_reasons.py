from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import now
from deployments.loops import LateMarker
from runs.explanations import explain
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_late_run_names_the_pool_in_its_way():
    pool = make.work_pool(name="k8s-prod", is_paused=True)
    due = make.scheduled(now() - timedelta(minutes=1))
    run = make.flow_run(due, work_queue=pool.default_queue)
    LateMarker().tick(now())

    told = explain(run)[0]

    assert told.sentence == (
        "The step from Scheduled to Late was made: pool k8s-prod is paused."
    )
    assert [(one.kind, one.name) for one in told.things] == [("work_pool", "k8s-prod")]
