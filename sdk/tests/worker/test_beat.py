from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sdk.tests.client.fake import FakeApi

from orion.client.transport import Transport
from orion.settings import ApiSettings, Settings
from orion.worker.beat import Beat

PATH = ("POST", "/x/v1/flow_runs/r1/heartbeat")


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture
def beat(api: FakeApi) -> Iterator[Beat]:
    transport = Transport(Settings(api=ApiSettings(url=api.url)))
    beat = Beat(transport, "r1", interval=0.05)
    yield beat
    beat.stop()
    beat.join()
    transport.close()


def test_a_run_tells_that_it_lives(api: FakeApi, beat: Beat) -> None:
    api.replies[PATH] = [(503, None), (204, None)]
    beat.start()

    api.wait_for(lambda: len(api.seen(*PATH)) >= 3)

    body = api.seen(*PATH)[-1].body
    assert body["pid"] == os.getpid()
    assert body["interval_seconds"] == 0.05
    assert body["host"]


@pytest.mark.parametrize("status", [404, 405])
def test_it_ends_where_nobody_listens(status: int, api: FakeApi, beat: Beat) -> None:
    api.replies[PATH] = [(status, None)]

    beat.start()
    beat.join(10)

    assert not beat.is_alive()
    assert len(api.seen(*PATH)) == 1
