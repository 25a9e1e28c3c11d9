"""What counts as a sign of life, and what its absence means."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from core.actor import OWNER
from core.ids import uuid7
from events.models import InboxFrame
from runs import claims, pulses, recorder
from runs.explanations import explain
from runs.loops import ClaimExpiry, QuietRuns, ZombieKiller
from runs.models import FlowRun, FlowRunState, Pulse
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Claim, Proposal, stamp
from runs.pulses import Beat, End
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def running() -> FlowRun:
    return make.flow_run(make.running(), at=NOW)


def heartbeat(run: FlowRun, at: datetime) -> str:
    event = {
        "id": str(uuid7()),
        "occurred": stamp(at),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run.pk}"},
        "related": [],
        "payload": {},
        "follows": None,
    }
    return orjson.dumps(event).decode()


def receive(*frames: str, at: datetime) -> None:
    """Store frames and work them in."""
    rows = [InboxFrame(received=at, frame=frame) for frame in frames]
    InboxFrame.objects.bulk_create(rows)
    recorder.work_in(at)


def beats(run: FlowRun, seconds: Sequence[float]) -> None:
    for second in seconds:
        receive(heartbeat(run, after(second)), at=after(second))


def state_of(run: FlowRun) -> str | None:
    run.refresh_from_db()
    return run.state_name


def watch(at: datetime) -> None:
    while QuietRuns().tick(at):
        pass
    while ZombieKiller().tick(at):
        pass


def test_a_run_that_starts_on_an_agents_claim_is_missed_from_its_first_second() -> None:
    run = make.flow_run(make.scheduled(NOW), work_queue=make.work_queue(), at=NOW)
    claims.claim(run.pk, Claim(uuid7(), "agent-7"), actor=OWNER, now=NOW)
    propose_flow_run(run.pk, Proposal("RUNNING"), actor=OWNER, now=after(1))

    watch(after(65))
    assert state_of(run) == "Running"
    watch(after(67))

    assert state_of(run) == "Crashed"
    assert "o sign of life from agent-7 for 66 s" in explain(run)[0].sentence


def test_a_process_that_dies_before_it_runs_holds_the_claim_no_longer_than_agreed():
    run = make.flow_run(make.scheduled(NOW), work_queue=make.work_queue(), at=NOW)
    claims.claim(run.pk, Claim(uuid7(), "agent-7"), actor=OWNER, now=NOW)
    pulses.store([Beat(run.pk, "the process", 10)], after(1))

    for second in range(5, 60, 5):
        watch(after(second))
        ClaimExpiry().tick(after(second))
    assert state_of(run) == "Pending"
    ClaimExpiry().tick(after(61))

    assert state_of(run) == "Scheduled"


def test_a_run_that_starts_without_an_agents_claim_is_not() -> None:
    run = make.flow_run(make.scheduled(NOW), work_queue=make.work_queue(), at=NOW)
    propose_flow_run(run.pk, Proposal("PENDING"), actor=OWNER, now=NOW)
    propose_flow_run(run.pk, Proposal("RUNNING"), actor=OWNER, now=after(1))

    watch(after(3600))

    assert state_of(run) == "Running"


def test_the_interval_of_a_3x_client_is_learned_from_its_beats() -> None:
    run = running()

    beats(run, [1])
    assert Pulse.objects.get().interval_seconds == 180
    beats(run, [31])

    assert Pulse.objects.get().interval_seconds == 30
    assert Pulse.objects.get().silent_from == after(31 + 4 * 30 + 5)


def test_a_3x_client_that_fell_silent_is_crashed_and_one_that_beats_is_not() -> None:
    dead, alive = running(), running()
    beats(dead, [1, 31])
    beats(alive, range(1, 180, 30))

    watch(after(155))
    assert state_of(dead) == "Running"
    watch(after(157))

    assert (state_of(dead), state_of(alive)) == ("Crashed", "Running")


def test_the_beat_of_another_attempt_is_no_short_interval() -> None:
    run = running()
    beats(run, [1])
    propose_flow_run(run.pk, make.running(), actor=OWNER, now=after(5))

    beats(run, [6])

    assert Pulse.objects.get().interval_seconds == 180


def test_what_an_agent_promised_stands_beside_the_clients_events() -> None:
    run = running()
    pulses.store([Beat(run.pk, "agent", 15)], NOW)

    beats(run, [1])

    assert Pulse.objects.get().interval_seconds == 15


def test_heartbeats_of_ended_and_unknown_runs_are_events_only() -> None:
    done = make.flow_run(make.completed(), at=NOW)

    receive(heartbeat(done, NOW), heartbeat(FlowRun(pk=uuid7()), NOW), at=NOW)

    assert not Pulse.objects.exists()
    assert not InboxFrame.objects.exists()


@pytest.mark.parametrize("kind", ["log", "task", "state"])
def test_logs_tasks_and_states_are_signs_of_life(kind: str) -> None:
    run = running()
    make.pulse(run, last_seen=NOW, interval=10)
    if kind == "log":
        make.log(run, created=after(40))
    elif kind == "task":
        task = make.task_run(make.running(), flow_run=run, at=NOW)
        type(task).objects.filter(pk=task.pk).update(updated=after(40))
    else:
        propose_flow_run(run.pk, make.running(), actor=OWNER, now=after(40))

    watch(after(50))
    assert state_of(run) == "Running"
    assert Pulse.objects.get().silent_from == after(85)
    watch(after(86))

    assert state_of(run) == "Crashed"


def test_nobody_writes_along_that_a_log_came(
    django_assert_num_queries: Any,
) -> None:
    run = running()
    make.pulse(run, last_seen=NOW, interval=10)

    with django_assert_num_queries(1):
        make.log(run)


def test_a_process_seen_to_end_is_a_crash_five_seconds_later() -> None:
    run = running()
    pulses.store([Beat(run.pk, "a1", 15)], after(1))
    end = End(run.pk, 137)

    pulses.note_ends([end], agent="a1", actor=OWNER, now=after(3))
    watch(after(7.9))
    assert state_of(run) == "Running"
    watch(after(8))

    assert state_of(run) == "Crashed"
    state = FlowRunState.objects.get(pk=run.state_id)
    assert state.message == (
        "Agent a1 saw the process of the run end with exit code 137 at 12:00:03 UTC, "
        "and the run reported no end."
    )


def test_a_process_that_beats_after_all_has_not_ended() -> None:
    run = running()
    pulses.note_ends([End(run.pk)], agent="a1", actor=OWNER, now=after(3))
    pulses.store([Beat(run.pk, "a2", 15)], after(4))

    watch(after(9))

    assert state_of(run) == "Running"


def test_a_silent_run_without_promise_is_suspect_and_lives(long: bool) -> None:
    runs = [running() for _ in range(20 if long else 5)]

    for minute in range(31):
        watch(after(60 * minute))

    assert {state_of(run) for run in runs} == {"Running"}
    suspects = Pulse.objects.filter(suspect_since=NOW)
    assert suspects.count() == len(runs)
    (told,) = explain(runs[0])
    assert told.sentence == (
        "The run is suspect: nothing was heard of it since 12:00:00 UTC. It is left "
        "alone, because nobody promised signs of life."
    )


def test_a_suspect_that_is_heard_of_is_suspect_no_longer() -> None:
    run = running()
    watch(after(600))
    make.log(run, created=after(900))

    watch(after(1300))

    assert Pulse.objects.get().suspect_since is None
    assert explain(run)[0].sentence == (
        "The run is suspect no longer: it was heard of at 12:15:00 UTC."
    )


def test_a_paused_run_is_not_silent() -> None:
    run = running()
    make.pulse(run, last_seen=NOW, interval=10)
    pause = Proposal("PAUSED", details={"pause_timeout": stamp(after(9999))})
    propose_flow_run(run.pk, pause, actor=OWNER, now=after(1))

    watch(after(100))

    assert state_of(run) == "Paused"
    assert ZombieKiller().lag(after(200)) is None


def test_a_run_that_starts_after_its_last_beat_is_watched_as_promised() -> None:
    run = make.flow_run(make.pending(), at=NOW)
    make.pulse(run, last_seen=NOW, interval=10)
    watch(after(46))
    propose_flow_run(run.pk, make.running(), actor=OWNER, now=after(50))

    watch(after(94))
    assert state_of(run) == "Running"
    watch(after(96))

    assert state_of(run) == "Crashed"


def test_the_lag_is_the_silence_that_waits_longest() -> None:
    make.pulse(running(), last_seen=NOW, interval=10)

    assert ZombieKiller().lag(after(44)) is None
    assert ZombieKiller().lag(after(47)) == timedelta(seconds=2)


def test_no_order_of_heartbeats_changes_what_a_client_reported(long: bool) -> None:
    chance = random.Random(6)
    runs = {running(): chance.choice(["COMPLETED", "FAILED"]) for _ in range(20)}
    orders = 1000 if long else 100
    todo: list[tuple[float, int, FlowRun, str]] = []
    for number in range(orders):
        run = list(runs)[number % len(runs)]
        for beat in range(4):
            late = chance.uniform(-120, 120)
            todo.append((30 * beat + late, number, run, "beat"))
    todo += [(chance.uniform(100, 200), 0, run, "end") for run in runs]
    ended: dict[FlowRun, Any] = {}

    for second, number, run, what in sorted(todo, key=lambda one: one[:2]):
        if what == "beat":
            sent = after(second + chance.uniform(-120, 0))
            receive(heartbeat(run, sent), at=after(second))
        else:
            proposal = Proposal(runs[run])
            propose_flow_run(run.pk, proposal, actor=OWNER, now=after(second))
            ended[run] = (runs[run], FlowRun.objects.get(pk=run.pk).state_id)
        if number % 7 == 0:
            watch(after(second))
    watch(after(5000))

    for run, (type, state_id) in ended.items():
        run.refresh_from_db()
        assert (run.state_type, run.state_id) == (type, state_id)
