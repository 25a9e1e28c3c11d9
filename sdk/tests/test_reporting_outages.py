"""What is told to a server that is slow, breaks off or is not there; logs, too."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from orion import flow, get_run_logger, task
from orion.exceptions import ApiUnreachable
from orion.settings import override, settings
from orion.testing import Harness, harness


@pytest.fixture
def server() -> Iterator[Harness]:
    with harness() as found:
        yield found


@task
def add(a: int, b: int) -> int:
    return a + b


def test_logs_arrive_before_the_flow_returns(server: Harness) -> None:
    @task
    def speaks() -> None:
        get_run_logger().warning("from the task")

    @flow
    def talks() -> None:
        get_run_logger().info("from the flow")
        speaks()

    talks()

    told = {record["message"]: record for record in server.api.logs}
    run, task_run = server.last_run["id"], server.task_runs()[0]["id"]
    assert told["from the flow"]["flow_run_id"] == run
    assert told["from the flow"]["task_run_id"] is None
    assert told["from the task"]["task_run_id"] == task_run
    assert told["from the task"]["level"] == 30


def test_many_log_lines_travel_in_few_requests(server: Harness) -> None:
    @flow
    def talks() -> None:
        logger = get_run_logger()
        for n in range(2500):
            logger.info("line %d", n)

    talks()

    lines = [m for m in server.logs(server.last_run) if m.startswith("line ")]
    assert lines == [f"line {n}" for n in range(2500)]
    assert sum(path == "/logs/" for _, path, _ in server.requests) <= 6


def test_facts_survive_errors_of_the_server(server: Harness) -> None:
    @flow
    def sums() -> int:
        server.fail_next(2, status=503)
        return add(1, 2)

    assert sums() == 3
    assert server.states(server.task_runs()[0]) == ["Running", "Completed"]


def test_a_lost_answer_is_looked_up_not_repeated(server: Harness) -> None:
    sent = server.api.request
    dropped: list[str] = []

    def lossy(method: str, path: str, **rest: Any) -> Any:
        answer = sent(method, path, **rest)
        if "/task_runs/" in path and path.endswith("set_state") and not dropped:
            dropped.append(path)
            raise ApiUnreachable("the answer was lost")
        return answer

    server.api.request = lossy  # type: ignore[method-assign]  # the network is the subject

    @flow
    def sums() -> int:
        return add(1, 2)

    sums()

    assert dropped
    assert server.states(server.task_runs()[0]) == ["Running", "Completed"]


def test_without_a_server_at_the_start_nothing_runs(server: Harness) -> None:
    calls: list[int] = []

    @flow
    def never() -> None:
        calls.append(1)

    with server.partition(), pytest.raises(ApiUnreachable):
        never()
    assert calls == []


def test_what_cannot_be_told_is_kept_on_disk(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @flow
    def loses_touch() -> int:
        server.api.is_away = True
        get_run_logger().info("nobody hears this")
        return add(1, 2)

    with harness(api__drain_timeout=0.2) as server:
        assert loses_touch() == 3
        spool = settings().home / "spool"

    records = [
        json.loads(line)
        for file in spool.iterdir()
        for line in file.read_text().splitlines()
    ]
    kinds = sorted(record["path"].split("/")[1] for record in records)
    assert kinds == ["flow_runs", "logs", "task_runs", "task_runs"]
    assert any("nobody hears this" in str(record) for record in records)


def test_a_slow_server_is_waited_for_as_long_as_it_moves() -> None:
    pause = threading.Event()

    @flow
    def many() -> None:
        for n in range(12):
            add(n, 0)

    with harness(api__drain_timeout=0.2) as server:
        sent = server.api.request

        def slow(method: str, path: str, **rest: Any) -> Any:
            pause.wait(0.04)
            return sent(method, path, **rest)

        server.api.request = slow  # type: ignore[method-assign]  # the network is the subject
        many()

        assert len(server.task_runs()) == 12
        assert {server.states(run)[-1] for run in server.task_runs()} == {"Completed"}
        assert server.requests[-1][1] == "/logs/"
        assert not (settings().home / "spool").exists()


def test_a_gate_outlasts_an_outage(server: Harness) -> None:
    @task(tags=["scarce"])
    def limited() -> int:
        return 1

    @flow
    def uses() -> int:
        server.fail_next(3, status=0)
        return limited()

    assert uses() == 1
    assert server.states(server.task_runs()[0]) == ["Pending", "Running", "Completed"]


def test_preferring_a_server_goes_on_without_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    @flow
    def nothing() -> int:
        return 1

    with override(
        {"mode": "prefer", "api.url": "http://127.0.0.1:9/api", "api.retries": 1}
    ):
        assert nothing() == 1

    assert "Running without a server" in caplog.text


def test_what_free_tasks_tell_arrives_before_the_process_ends() -> None:
    code = """
import atexit
from orion import get_run_logger, task
from orion.testing import harness

def show():
    run = server.task_runs()[0]
    print(server.states(run), server.logs())

atexit.register(show)
entered = harness()
server = entered.__enter__()
sent = server.api.request

def slow(*args, **rest):
    import time
    time.sleep(0.05)
    return sent(*args, **rest)

server.api.request = slow

@task
def free():
    get_run_logger().info("hello")

free()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['Running', 'Completed'] ['hello']"
