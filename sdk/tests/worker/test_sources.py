from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sdk.tests.client.fake import FakeApi

from orion.client.transport import Transport
from orion.exceptions import HTTPStatusError
from orion.settings import ApiSettings, Settings
from orion.worker.sources import ClassicQueue, Pool

SOON = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FLOW_RUN = {
    "id": "r1",
    "name": "brave-fox",
    "next_scheduled_start_time": "2026-01-02T03:04:00Z",
}


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture
def transport(api: FakeApi) -> Iterator[Transport]:
    transport = Transport(Settings(api=ApiSettings(url=api.url)))
    yield transport
    transport.close()


def paths(api: FakeApi) -> list[str]:
    return [f"{asked.method} {asked.path}" for asked in api.asked]


def test_a_queue_is_asked_by_the_id_that_its_name_has(
    api: FakeApi, transport: Transport
) -> None:
    queue = {"id": "q1", "priority": 3}
    api.replies["GET", "/work_queues/name/my%20queue"] = [(200, queue)]
    api.replies["POST", "/work_queues/q1/get_runs"] = [(200, [FLOW_RUN])]
    source = ClassicQueue(transport, "my queue")

    (run,) = source.due(before=SOON, limit=5)
    source.due(before=SOON, limit=5)

    assert (run.id, run.name, run.priority) == ("r1", "brave-fox", 3)
    assert run.due == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    body = {"limit": 5, "scheduled_before": "2026-01-02T03:04:05+00:00"}
    assert api.asked[1].body == body
    assert len(api.asked) == 3


def test_a_queue_that_is_not_there_is_made(api: FakeApi, transport: Transport) -> None:
    api.replies["POST", "/work_queues/"] = [(201, {"id": "q1"})]
    api.replies["POST", "/work_queues/q1/get_runs"] = [(404, None), (200, [])]
    source = ClassicQueue(transport, "new")

    with pytest.raises(HTTPStatusError):
        source.due(before=SOON, limit=1)
    source.due(before=SOON, limit=1)

    made = ["GET /work_queues/name/new", "POST /work_queues/"]
    assert paths(api) == [*made, "POST /work_queues/q1/get_runs"] * 2


def test_a_pool_that_is_not_there_is_made(api: FakeApi, transport: Transport) -> None:
    api.replies["POST", "/work_pools/"] = [(201, {})]
    api.replies["POST", "/work_pools/p/queues/filter"] = [(200, [])]
    api.replies["POST", "/work_pools/p/get_scheduled_flow_runs"] = [(200, [])]

    assert Pool(transport, "p").due(before=SOON, limit=1) == []

    expected = {"name": "p", "type": "process", "base_job_template": {}}
    assert api.seen("POST", "/work_pools/")[0].body == expected


def test_runs_of_a_pool_carry_the_priority_of_their_queue(
    api: FakeApi, transport: Transport
) -> None:
    queues = [{"id": "q1", "priority": 2}, {"id": "q2", "priority": 1}]
    found: list[dict[str, Any]] = [
        {"work_queue_id": "q1", "flow_run": FLOW_RUN},
        {"work_queue_id": "q2", "flow_run": {**FLOW_RUN, "id": "r2"}},
        {"work_queue_id": "gone", "flow_run": {**FLOW_RUN, "id": "r3"}},
    ]
    api.replies["GET", "/work_pools/p"] = [(200, {})]
    api.replies["POST", "/work_pools/p/queues/filter"] = [(200, queues)]
    api.replies["POST", "/work_pools/p/get_scheduled_flow_runs"] = [(200, found)]

    runs = Pool(transport, "p", ["a", "b"]).due(before=SOON, limit=9)

    assert [(run.id, run.priority) for run in runs] == [
        ("r1", 2),
        ("r2", 1),
        ("r3", 1),
    ]
    assert sorted(runs, key=lambda run: run.order)[-1].id == "r1"
    body = api.seen("POST", "/work_pools/p/get_scheduled_flow_runs")[0].body
    assert body["work_queue_names"] == ["a", "b"]
