"""Loops: ticks, rests, errors, rows that cannot be worked in, signals, heartbeats."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connections

from core.loops import Beat, Loop, Supervisor, find_loops, seconds, wake

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops of the tests are forgotten afterwards; they start without connections."""
    connections.close_all()
    monkeypatch.setattr(Loop, "kinds", dict(Loop.kinds))


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> list[Beat]:
    """The heartbeats that were sent."""
    sent: list[Beat] = []
    monkeypatch.setattr(Supervisor, "heartbeat", staticmethod(sent.extend))
    return sent


def test_a_loop_is_known_by_its_name() -> None:
    class Counting(Loop):
        name, interval = "test-counting", seconds(1)

    assert [type(loop) for loop in find_loops("test-counting")] == [Counting]


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    class Counting(Loop):
        name, interval = "test-counting", seconds(1)

    with pytest.raises(LookupError, match=r"named nothing; there are: .*test-counting"):
        find_loops("nothing")


def test_two_loops_of_one_name_are_refused() -> None:
    class Counting(Loop):
        name, interval = "test-counting", seconds(1)

    with pytest.raises(TypeError, match="two loops are named 'test-counting'"):
        type("Other", (Loop,), {"name": "test-counting", "interval": seconds(1)})


@pytest.mark.parametrize(("has_more", "rest"), [(True, 0), (False, 60)])
def test_a_loop_rests_unless_more_is_waiting(has_more: bool, rest: float) -> None:
    class Working(Loop):
        name, interval = "test-working", seconds(60)

        def tick(self, now: datetime) -> bool:
            return has_more

    went_well, found = Supervisor([loop := Working()]).turn(loop)

    assert went_well
    assert found == pytest.approx(rest, abs=5)


def test_after_errors_the_pause_grows_and_ends_with_the_first_success() -> None:
    class Failing(Loop):
        name, interval = "test-failing", seconds(1)
        is_broken = True

        def tick(self, now: datetime) -> bool:
            if self.is_broken:
                raise ValueError("broken")
            return False

    loop = Failing()
    supervisor = Supervisor([loop])

    pauses = [supervisor.turn(loop) for _ in range(8)]
    loop.is_broken = False

    assert pauses == [(False, p) for p in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert supervisor.turn(loop)[1] == pytest.approx(1, abs=0.5)


def test_a_row_that_fails_is_put_off_and_the_others_are_done() -> None:
    class Loading(Loop):
        name, interval = "test-loading", seconds(1)

    loop, done = Loading(), []

    def do(key: int) -> None:
        if key == 2:
            raise ValueError("poison")
        done.append(key)

    with pytest.raises(ValueError, match="poison"):
        loop.each([1, 2, 3], do, now=NOW)
    loop.each([2, 4], do, now=NOW + timedelta(seconds=29))

    assert done == [1, 3, 4]
    assert loop.put_off(NOW) == {2}
    assert loop.put_off(NOW + timedelta(seconds=30)) == set()


def test_a_row_that_keeps_failing_is_put_off_for_longer() -> None:
    class Loading(Loop):
        name, interval = "test-loading", seconds(1)

    loop, now, spans = Loading(), NOW, []
    for _ in range(9):
        with pytest.raises(ZeroDivisionError):
            loop.each([1], lambda key: 1 // 0, now=now)
        later = now
        while loop.put_off(later):
            later += timedelta(seconds=30)
        spans.append((later - now).total_seconds())
        now = later

    assert spans == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_database_that_does_not_answer_ends_the_tick() -> None:
    class Loading(Loop):
        name, interval = "test-loading", seconds(1)

    loop, tried = Loading(), []

    def do(key: int) -> None:
        tried.append(key)
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        loop.each([1, 2], do, now=NOW)

    assert tried == [1]
    assert not loop.put_off(NOW)


def test_loops_run_again_and_again_and_never_beside_themselves() -> None:
    class Racing(Loop):
        name, interval = "test-racing", seconds(0.001)

        def __init__(self) -> None:
            super().__init__()
            self.inside, self.ticks, self.overlaps = 0, 0, 0
            self.enough = threading.Event()

        def tick(self, now: datetime) -> bool:
            self.inside += 1
            self.overlaps += self.inside > 1
            self.ticks += 1
            if self.ticks >= 20:
                self.enough.set()
            self.inside -= 1
            return self.ticks % 2 == 0

    class Other(Racing):
        name = "test-racing-too"

    loops = [Racing(), Other()]
    supervisor = Supervisor(loops, threads=4)
    supervisor.start()

    assert all(loop.enough.wait(30) for loop in loops)
    assert supervisor.stop(within=30)
    assert [loop.overlaps for loop in loops] == [0, 0]


def test_a_resting_loop_can_be_woken_by_name() -> None:
    class Waiting(Loop):
        name, interval = "test-waiting", seconds(3600)

        def __init__(self) -> None:
            super().__init__()
            self.ticked = threading.Semaphore(0)

        def tick(self, now: datetime) -> bool:
            self.ticked.release()
            return False

    loop = Waiting()
    supervisor = Supervisor([loop])
    supervisor.start()
    assert loop.ticked.acquire(timeout=30)

    wake("test-waiting")

    assert loop.ticked.acquire(timeout=30)
    assert supervisor.stop(within=30)


def test_a_loop_woken_while_it_ticks_ticks_once_more() -> None:
    class Waiting(Loop):
        name, interval = "test-waiting", seconds(3600)

        def __init__(self) -> None:
            super().__init__()
            self.ticked = threading.Semaphore(0)
            self.go_on = threading.Event()

        def tick(self, now: datetime) -> bool:
            self.ticked.release()
            self.go_on.wait(30)
            return False

    loop = Waiting()
    supervisor = Supervisor([loop])
    supervisor.start()
    assert loop.ticked.acquire(timeout=30)

    supervisor.wake("test-waiting")
    loop.go_on.set()

    assert loop.ticked.acquire(timeout=30)
    assert supervisor.stop(within=30)


def test_stopping_lets_the_running_tick_finish() -> None:
    class Slow(Loop):
        name, interval = "test-slow", seconds(1)

        def __init__(self) -> None:
            super().__init__()
            self.began, self.go_on = threading.Event(), threading.Event()
            self.is_finished = False

        def tick(self, now: datetime) -> bool:
            self.began.set()
            self.go_on.wait(30)
            self.is_finished = True
            return True

    loop = Slow()
    supervisor = Supervisor([loop])
    supervisor.start()
    assert loop.began.wait(30)

    assert not supervisor.stop(within=0)
    loop.go_on.set()

    assert supervisor.stop(within=30)
    assert loop.is_finished


def test_heartbeats_tell_the_first_success_and_each_change(beats: list[Beat]) -> None:
    class Failing(Loop):
        name, interval = "test-failing", seconds(1)
        is_broken = False

        def tick(self, now: datetime) -> bool:
            if self.is_broken:
                raise ValueError("broken")
            return False

    loop = Failing()
    supervisor = Supervisor([loop])

    for loop.is_broken in (False, True):
        supervisor.turn(loop)
        supervisor.beat(at_once=True)

    assert [(b.name, b.error) for b in beats] == [
        ("test-failing", ""),
        ("test-failing", "ValueError: broken"),
    ]
    assert beats[1].succeeded == beats[0].succeeded == beats[0].ticked


def test_heartbeats_are_seldom_while_nothing_changes(beats: list[Beat]) -> None:
    class Idle(Loop):
        name, interval = "test-idle", seconds(1)

        def tick(self, now: datetime) -> bool:
            return False

    loop = Idle()
    supervisor = Supervisor([loop])
    for _ in range(5):
        supervisor.turn(loop)
        supervisor.beat()

    assert len(beats) == 1


def test_work_goes_on_when_heartbeats_cannot_be_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Idle(Loop):
        name, interval = "test-idle", seconds(1)

        def tick(self, now: datetime) -> bool:
            return False

    def refuse(beats: Sequence[Beat]) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(Supervisor, "heartbeat", staticmethod(refuse))
    loop = Idle()
    supervisor = Supervisor([loop])

    assert supervisor.turn(loop)[0]
    supervisor.beat(at_once=True)


PROGRAM = """
import sys
from datetime import datetime

import django
django.setup()
from core import loops

class Idle(loops.Loop):
    name, interval = "test-idle", loops.seconds(3600)

    def tick(self, now: datetime) -> bool:
        print("ticked", flush=True)
        if "--broken" in sys.argv:
            raise ValueError("broken")
        return False

sys.exit(loops.run_loops("test-idle", once="--once" in sys.argv))
"""


def start(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_loop_process_cleanly(number: signal.Signals) -> None:
    process = start()
    assert process.stdout
    assert process.stdout.readline() == "ticked\n"

    process.send_signal(number)
    _, problems = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Traceback" not in problems


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--broken"], 1)])
def test_once_ticks_once(options: list[str], status: int) -> None:
    process = start("--once", *options)

    output, problems = process.communicate(timeout=60)

    assert (output, process.returncode) == ("ticked\n", status)
    assert ("ValueError: broken" in problems) == bool(status)
