"""Signs of life of agents and engines over the API."""

from __future__ import annotations

from typing import Any

import pytest

from core.ids import uuid7
from runs.models import Pulse
from tests import factories
from tests.api.conftest import Api
from work_pools.models import Agent

AGENT = {
    "name": "a",
    "host": "h",
    "pid": 7,
    "boot_id": None,
    "work_pool": None,
    "work_queues": ["default"],
    "interval_seconds": 15,
}


def beat(api: Api, *runs: Any, **fields: Any) -> Any:
    """One heartbeat with these runs alive."""
    alive = [{"flow_run_id": str(run), "pid": 100} for run in runs]
    return api.post("/x/v1/agents/heartbeat", {**AGENT, "runs": alive, **fields})


def test_an_agent_vouches_for_itself_and_its_runs(api: Api) -> None:
    run = factories.flow_run(factories.running())

    first = beat(api, run.pk)
    again = beat(api, run.pk, pid=8)

    assert (first.status, first.json) == (
        200,
        {"cancel": [], "lost": [], "interval_seconds": 15.0},
    )
    assert again.status == 200
    assert Agent.objects.get().pid == 8
    pulse = Pulse.objects.get()
    assert (pulse.flow_run_id, pulse.source, pulse.pid) == (run.pk, "a", 100)


def test_the_answer_names_the_runs_to_stop(api: Api) -> None:
    mine = factories.flow_run(factories.cancelling())
    factories.flow_run(factories.cancelling())
    running = factories.flow_run(factories.running())

    answer = beat(api, mine.pk, running.pk)

    assert answer.json["cancel"] == [str(mine.pk)]


def test_ended_and_unknown_runs_get_no_pulse(api: Api) -> None:
    done = factories.flow_run(factories.completed())

    assert beat(api, done.pk, uuid7()).status == 200

    assert not Pulse.objects.exists()


def test_a_run_beats_for_itself(api: Api) -> None:
    run = factories.flow_run(factories.running())
    body = {"pid": 5, "host": "h", "interval_seconds": 2.5}

    first = api.post(f"/x/v1/flow_runs/{run.pk}/heartbeat", body)
    again = api.post(f"/x/v1/flow_runs/{run.pk}/heartbeat", {**body, "pid": 6})

    assert (first.status, first.content, again.status) == (204, b"", 204)
    pulse = Pulse.objects.get()
    assert (pulse.source, pulse.interval_seconds) == ("h:6", 2.5)


def test_a_run_that_ended_leaves_no_pulse_and_one_unknown_is_not_found(
    api: Api,
) -> None:
    body = {"pid": 5, "host": "h", "interval_seconds": 2.5}
    done = factories.flow_run(factories.failed())

    assert api.post(f"/x/v1/flow_runs/{done.pk}/heartbeat", body).status == 204
    assert api.post(f"/x/v1/flow_runs/{uuid7()}/heartbeat", body).status == 404
    assert not Pulse.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"pid": "x"},
        {"pid": 2**40},
        {"interval_seconds": 0},
        {"work_queues": "default"},
        {"runs": [{"flow_run_id": "x", "pid": 1}]},
    ],
)
def test_a_heartbeat_that_says_nothing_is_refused(
    api: Api, wrong: dict[str, Any]
) -> None:
    assert api.post("/x/v1/agents/heartbeat", {**AGENT, **wrong}).wrong
