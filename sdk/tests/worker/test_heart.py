from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sdk.tests.client.fake import FakeApi

from orion.client.transport import Transport
from orion.settings import ApiSettings, Settings
from orion.worker.child import Child
from orion.worker.heart import Heart
from orion.worker.infrastructure.process import ProcessHandle
from orion.worker.output import Output

BEAT = ("POST", "/x/v1/agents/heartbeat")
HOUR = 3600.0


def child(run: str, pid: int, *, token: str | None = None) -> Child:
    output = Output(Path(os.environ["ORION_HOME"]) / run)
    return Child(run, run, ProcessHandle(pid, None), output, token=token)


class Setting:
    """A heart, what it is told to watch, and what it wants cancelled."""

    def __init__(self, api: FakeApi, pool: str | None) -> None:
        self.living = [child("r1", 11, token="t1")]
        self.ended: list[Child] = []
        self.cancelled: list[str] = []
        self.transport = Transport(Settings(api=ApiSettings(url=api.url)))
        self.heart = Heart(
            self.transport,
            introduction={
                "name": "a",
                "host": "h",
                "pid": 1,
                "boot_id": None,
                "work_pool": pool,
                "work_queues": ["default"],
                "interval_seconds": HOUR,
            },
            living=lambda: self.living,
            ended=lambda: self.ended,
            cancel=self.cancelled.append,
        )


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        api.replies[BEAT] = [(200, {"cancel": [], "interval_seconds": HOUR})]
        yield api


@pytest.fixture
def at(api: FakeApi, request: pytest.FixtureRequest) -> Iterator[Setting]:
    setting = Setting(api, getattr(request, "param", None))
    yield setting
    if setting.heart.is_alive():
        setting.heart.stop()
    setting.transport.close()


def test_it_beats_at_once_and_when_the_runs_change(api: FakeApi, at: Setting) -> None:
    at.heart.start()
    api.wait_for(lambda: len(api.seen(*BEAT)) == 1)
    at.living.append(child("r2", 22))
    at.heart.hurry()
    api.wait_for(lambda: len(api.seen(*BEAT)) == 2)

    first, second = (asked.body for asked in api.seen(*BEAT))
    assert first == {
        "name": "a",
        "host": "h",
        "pid": 1,
        "boot_id": None,
        "work_pool": None,
        "work_queues": ["default"],
        "interval_seconds": HOUR,
        "runs": [{"flow_run_id": "r1", "pid": 11}],
        "claims": [{"flow_run_id": "r1", "token": "t1"}],
        "ended": [],
    }
    assert second["runs"][1] == {"flow_run_id": "r2", "pid": 22}
    assert second["claims"] == first["claims"]


def test_its_last_beat_says_what_has_ended(api: FakeApi, at: Setting) -> None:
    at.heart.start()
    api.wait_for(lambda: api.seen(*BEAT))
    at.ended, at.living = at.living, []

    at.heart.stop()

    last, ended = api.seen(*BEAT)[-1].body, {"flow_run_id": "r1", "exit": None}
    assert (last["runs"], last["claims"], last["ended"]) == ([], [], [ended])
    assert not at.heart.is_alive()


def test_it_passes_on_what_the_server_wants_cancelled(
    api: FakeApi, at: Setting
) -> None:
    answer = {"cancel": ["r1", "another's"], "interval_seconds": 7.0}
    api.replies[BEAT] = [(200, answer)]

    at.heart.beat()

    assert at.cancelled == ["r1"]
    assert at.heart.rest == 7.0


def test_a_foreign_server_is_asked_for_cancelling_runs(
    api: FakeApi, at: Setting
) -> None:
    del api.replies[BEAT]
    api.replies["POST", "/flow_runs/filter"] = [(200, [{"id": "r1"}])]

    at.heart.beat()
    at.heart.beat()

    assert at.cancelled == ["r1", "r1"]
    assert len(api.seen(*BEAT)) == 1
    assert at.heart.rest == 10.0
    asked = api.seen("POST", "/flow_runs/filter")[0].body["flow_runs"]
    assert asked == {
        "id": {"any_": ["r1"]},
        "state": {"type": {"any_": ["CANCELLING"]}},
    }


@pytest.mark.parametrize("at", ["my pool"], indirect=True)
def test_a_pool_hears_of_its_worker(api: FakeApi, at: Setting) -> None:
    path = "/work_pools/my%20pool/workers/heartbeat"
    api.replies["POST", path] = [(204, None)]

    at.heart.beat()

    body = {"name": "a", "heartbeat_interval_seconds": 3600}
    assert [asked.body for asked in api.seen("POST", path)] == [body]


def test_trouble_does_not_end_it(api: FakeApi, at: Setting) -> None:
    api.replies[BEAT] = [(500, None), (200, {"cancel": [], "interval_seconds": HOUR})]
    at.heart.start()
    api.wait_for(lambda: len(api.seen(*BEAT)) == 1)

    at.heart.hurry()

    api.wait_for(lambda: len(api.seen(*BEAT)) == 2)
