"""Commands around deployments, pools and queues, request by request."""

from __future__ import annotations

import pytest
from sdk.tests.cli.conftest import Orion
from sdk.tests.client.fake import FakeServer

ID = "3f0e6b2a-4b7d-4c8e-9c53-0d4f6f0a9b11"
PAUSED, GOES_ON = {"is_paused": True}, {"is_paused": False}


@pytest.mark.parametrize(
    ("arguments", "asked", "body", "said"),
    [
        ("work-pool pause big", "PATCH /work_pools/big", PAUSED, "big is paused"),
        ("work-pool resume big", "PATCH /work_pools/big", GOES_ON, "big goes on"),
        (
            "work-pool set-concurrency-limit big 3",
            "PATCH /work_pools/big",
            {"concurrency_limit": 3},
            "at most 3",
        ),
        (
            "work-pool clear-concurrency-limit big",
            "PATCH /work_pools/big",
            {"concurrency_limit": None},
            "no limit",
        ),
        ("work-pool delete big -y", "DELETE /work_pools/big", None, "big is gone"),
        (
            "work-queue pause fast --pool big",
            "PATCH /work_pools/big/queues/fast",
            PAUSED,
            "fast is paused",
        ),
        (
            "work-queue create fast --pool big --priority 1",
            "POST /work_pools/big/queues",
            {"name": "fast", "priority": 1},
            "Made fast",
        ),
        (
            "work-queue set-concurrency-limit fast 2",
            "PATCH /work_pools/default-agent-pool/queues/fast",
            {"concurrency_limit": 2},
            "at most 2",
        ),
        (
            f"deployment pause {ID}",
            f"POST /deployments/{ID}/pause_deployment",
            None,
            "nightly is paused",
        ),
        (
            f"deployment resume {ID}",
            f"POST /deployments/{ID}/resume_deployment",
            None,
            "nightly goes on",
        ),
        (
            f"deployment schedule pause {ID} mornings",
            f"PATCH /deployments/{ID}/schedules/s1",
            {"active": False},
            "is paused",
        ),
        (f"deployment delete {ID} -y", f"DELETE /deployments/{ID}", None, "is gone"),
    ],
)
def test_a_command_is_one_request(
    orion: Orion,
    server: FakeServer,
    arguments: str,
    asked: str,
    body: object,
    said: str,
) -> None:
    method, path = asked.split()
    schedules = [{"id": "s1", "slug": "mornings"}, {"id": "s2", "slug": "evenings"}]
    server.replies["GET", f"/deployments/{ID}"] = [(200, {"id": ID, "name": "nightly"})]
    server.replies["GET", f"/deployments/{ID}/schedules"] = [(200, schedules)]
    server.replies[method, path] = [(200, {"id": ID})]

    code, out, err = orion(*arguments.split())

    assert (code, err) == (0, "")
    assert said in out
    assert [each.body for each in server.seen(method, path)] == [body]


def test_a_schedule_that_is_not_there_is_told_with_the_way_to_the_list(
    orion: Orion, server: FakeServer
) -> None:
    server.replies["GET", f"/deployments/{ID}"] = [(200, {"id": ID, "name": "nightly"})]
    server.replies["GET", f"/deployments/{ID}/schedules"] = [(200, [])]

    code, _, err = orion("deployment", "schedule", "pause", ID, "noon")

    assert code == 2
    assert "'noon' fits 0 schedules of nightly" in err


def test_a_run_may_start_later_with_its_own_job_variables(
    orion: Orion, server: FakeServer
) -> None:
    path = f"/deployments/{ID}/create_flow_run"
    server.replies["GET", f"/deployments/{ID}"] = [(200, {"id": ID, "name": "nightly"})]
    server.replies["POST", path] = [(201, {"id": "r1", "name": "calm-owl"})]

    code, out, _ = orion(
        *("deployment", "run", ID, "--at", "2031-01-02T03:04:05+00:00"),
        *("-p", "day=1", "--job-variable", 'env={"A": "b"}', "--idempotency-key", "k"),
    )

    assert (code, out) == (0, "Run calm-owl, id r1\n")
    assert server.seen("POST", path)[0].body == {
        "parameters": {"day": 1},
        "state": {
            "type": "SCHEDULED",
            "state_details": {"scheduled_time": "2031-01-02T03:04:05+00:00"},
        },
        "job_variables": {"env": {"A": "b"}},
        "idempotency_key": "k",
    }
