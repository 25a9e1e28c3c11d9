"""Event frames of 3.x clients become task runs, whatever order they come in."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import orjson
import pytest

from core.clock import now
from core.ids import uuid7
from events import inbox
from events.models import Event, InboxFrame
from runs import recorder
from runs.models import FlowRun, TaskRun, TaskRunState
from runs.orchestration.transition import stamp
from tests.factories import flow_run, running, task_run

pytestmark = pytest.mark.django_db

LIFE = ("PENDING", "RUNNING", "COMPLETED")


def frame(
    run: FlowRun | None,
    state: str,
    at: datetime,
    *,
    id: UUID,
    key: str = "0",
    data: Any = None,
) -> dict[str, Any]:
    """One task-run event as a client sends it."""
    related = [{"prefect.resource.id": "prefect.tag.x", "prefect.resource.role": "tag"}]
    if run is not None:
        resource = f"prefect.flow-run.{run.id}"
        role = {"prefect.resource.id": resource, "prefect.resource.role": "flow-run"}
        related.append(role)
    count = 0 if state == "PENDING" else 1
    details = {"cache_key": None, "pause_reschedule": False}
    return {
        "id": str(uuid7()),
        "occurred": stamp(at),
        "event": f"prefect.task-run.{state.capitalize()}",
        "resource": {
            "prefect.resource.id": f"prefect.task-run.{id}",
            "prefect.orchestration": "client",
        },
        "related": related,
        "payload": {
            "intended": {"from": None, "to": state},
            "validated_state": {
                "type": state,
                "name": state.capitalize(),
                "message": "",
                "state_details": details,
                "data": data,
            },
            "task_run": {
                "name": "load-0",
                "task_key": "load",
                "dynamic_key": key,
                "tags": ["a"],
                "task_inputs": {"x": [{"input_type": "task_run", "id": str(uuid7())}]},
                "empirical_policy": {"retries": 0},
                "run_count": count,
                "flow_run_run_count": 1,
                "expected_start_time": stamp(at),
                "total_run_time": 0.5,
            },
        },
    }


def life(run: FlowRun | None, id: UUID, key: str = "0") -> list[dict[str, Any]]:
    """A whole task run, one second a state."""
    start = now() - timedelta(seconds=10)
    return [
        frame(run, state, start + timedelta(seconds=n), id=id, key=key)
        for n, state in enumerate(LIFE)
    ]


def receive(*frames: dict[str, Any]) -> None:
    inbox.receive([orjson.dumps(one).decode() for one in frames])


def names(id: UUID) -> list[str]:
    states = TaskRunState.objects.filter(task_run_id=id).order_by("timestamp")
    return [state.name for state in states]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_states_in_any_order_make_the_same_task_run(order: tuple[int, ...]) -> None:
    run, id = flow_run(state=running()), uuid7()
    frames = life(run, id)

    for place in order:
        receive(frames[place])
        recorder.work_in()

    stored = TaskRun.objects.get(pk=id)
    assert (stored.state_name, stored.run_count) == ("Completed", 1)
    assert str(stored.state_id) == frames[2]["id"]
    assert stored.flow_run_id == run.id
    assert names(id) == ["Pending", "Running", "Completed"]


def test_a_batch_is_merged_and_leaves_the_inbox_empty() -> None:
    run = flow_run(state=running())
    ids = [uuid7() for _ in range(20)]
    receive(*(one for n, id in enumerate(ids) for one in life(run, id, str(n))))

    worked = recorder.work_in()

    assert worked == 60
    assert not InboxFrame.objects.exists()
    stored = TaskRun.objects.filter(flow_run=run, state_type="COMPLETED")
    assert stored.count() == 20
    assert TaskRunState.objects.filter(task_run__flow_run=run).count() == 60


def test_frames_sent_twice_change_nothing() -> None:
    run, id = flow_run(state=running()), uuid7()
    frames = life(run, id)

    receive(*frames, *frames)
    recorder.work_in()
    receive(*frames)
    recorder.work_in()

    assert names(id) == ["Pending", "Running", "Completed"]
    assert Event.objects.filter(resource_id=f"prefect.task-run.{id}").count() == 3


def test_a_known_place_in_the_flow_keeps_its_id() -> None:
    run = flow_run(state=running())
    known = task_run(flow_run=run, task_key="load", dynamic_key="7")
    other = uuid7()

    later = now() + timedelta(seconds=5)
    receive(frame(run, "RUNNING", later, id=other, key="7"))
    recorder.work_in()

    assert not TaskRun.objects.filter(pk=other).exists()
    known.refresh_from_db()
    assert known.state_type == "RUNNING"
    assert "Running" in names(known.id)


def test_results_metadata_is_joined_to_the_state() -> None:
    run, id = flow_run(state=running()), uuid7()
    receive(frame(run, "COMPLETED", now(), id=id, data={"storage_key": "abc"}))

    recorder.work_in()

    state = TaskRunState.objects.select_related("result").get(task_run_id=id)
    assert state.result is not None
    assert state.result.data == {"storage_key": "abc"}


def test_a_background_task_needs_no_flow_run() -> None:
    id = uuid7()

    receive(*life(None, id, key=f"load-{id.hex}"))
    recorder.work_in()

    assert TaskRun.objects.get(pk=id).flow_run_id is None


def test_one_bad_frame_is_put_off_and_the_others_are_stored() -> None:
    run, good = flow_run(state=running()), uuid7()
    bad = frame(run, "RUNNING", now(), id=uuid7(), key="bad")
    del bad["payload"]["task_run"]["task_key"]

    receive(*life(run, good), bad)
    recorder.work_in()

    assert names(good) == ["Pending", "Running", "Completed"]
    waiting = InboxFrame.objects.get()
    assert waiting.attempts == 1
    assert waiting.not_before is not None


def test_other_events_are_kept_whole() -> None:
    run = flow_run(state=running())
    beat = {
        "id": str(uuid7()),
        "occurred": stamp(now()),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run.id}"},
        "related": [],
        "payload": {},
    }

    receive(beat)
    recorder.work_in()

    assert Event.objects.get(pk__gt=0, id=beat["id"]).body == beat


def test_statements_do_not_grow_with_the_batch(
    django_assert_max_num_queries: Any,
) -> None:
    run = flow_run(state=running())
    receive(*(one for n in range(50) for one in life(run, uuid7(), str(n))))

    with django_assert_max_num_queries(14):
        recorder.work_in()
