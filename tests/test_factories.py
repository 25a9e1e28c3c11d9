"""What the factories make is what the server would have stored."""

from __future__ import annotations

import pytest

from runs.models import FlowRunState, TaskRunState
from runs.states import FINAL, StateType
from tests import factories as make


@pytest.mark.django_db
@pytest.mark.parametrize("kind", StateType)
def test_a_run_points_at_the_row_of_its_state(kind: StateType):
    run = make.flow_run(make.STATES[kind]())

    row = FlowRunState.objects.get(flow_run=run)

    assert (run.state_id, run.state_type, run.state_name) == (row.id, kind, row.name)
    assert (run.end_time is not None) == (kind in FINAL)


@pytest.mark.django_db
def test_a_subflow_is_mirrored_in_its_parent():
    parent = make.flow_run(make.running())

    child = make.subflow_run(parent, make.completed())

    assert child.parent_task_run.flow_run == parent
    assert TaskRunState.objects.get(task_run=child.parent_task_run).type == "COMPLETED"


@pytest.mark.django_db
def test_a_pool_has_a_default_queue():
    pool = make.work_pool()

    assert [queue.name for queue in pool.queues.all()] == ["default"]
    assert pool.default_queue == pool.queues.get()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_the_first_workspace_survives_emptied_databases(turn: int):
    assert make.deployment(schedules=[{"interval": 60}]).workspace_id == 1
