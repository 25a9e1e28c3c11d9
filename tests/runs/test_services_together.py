"""All loops over runs, on random histories: what no order of events may bring about."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine

from core.actor import OWNER
from core.dialect import THREE, TWO
from core.loops import Loop
from runs import claims, pulses
from runs import loops as services
from runs.models import FlowRun, FlowRunState, TaskRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Claim, Proposal, stamp
from runs.pulses import Beat, End
from runs.states import FINAL
from tests import factories as make

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS: tuple[type[Loop], ...] = (
    services.CancellationCleanup,
    services.CancellingDeadline,
    services.ClaimExpiry,
    services.ExpiredPauses,
    services.Lazarus,
    services.QuietRuns,
    services.RunTimeLimit,
    services.UnreportedTasks,
    services.ZombieKiller,
)
WAITING = {"PENDING", "CANCELLING", "PAUSED"}


class World:
    """A few runs, those who work on them, and two replicas of every loop."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.now = chance, START
        self.loops = [[kind() for kind in KINDS] for _ in range(2)]
        self.tokens: dict[UUID, UUID] = {}
        lasting = make.deployment(retry_on="crashed", retry_limit=2)
        short = make.deployment(max_run_seconds=120)
        queue = make.work_queue()
        self.runs = [self.new(deployment=lasting), self.new(deployment=short)]
        self.runs += [self.new(work_queue=queue), self.new()]
        self.safe = {self.runs[0].pk}  # whose deployment starts them again
        for parent in self.runs[:2]:
            task = make.task_run(make.running(), flow_run=parent, at=START)
            self.runs.append(
                make.flow_run(make.running(), at=START, parent_task_run=task)
            )
            make.task_run(make.running(), flow_run=parent, at=START)

    def new(self, **columns: object) -> FlowRun:
        return make.flow_run(make.scheduled(START), at=START, **columns)

    def act(self) -> None:
        """Somebody does something to a run."""
        run = self.chance.choice(self.runs)
        self.now += timedelta(seconds=self.chance.choice([1, 1, 5, 20, 60, 400]))
        acts: list[Callable[[UUID], object]] = [
            self.claim,
            self.start,
            self.start,
            self.beat,
            self.see_end,
            lambda id: claims.renew(self.tokens, actor=OWNER, now=self.now),
            lambda id: self.say(id, Proposal("PENDING")),
            lambda id: self.say(id, self.pause()),
            lambda id: self.say(id, Proposal("CANCELLING")),
            lambda id: self.say(id, Proposal("CANCELLED"), force=True),
            lambda id: self.say(id, Proposal("COMPLETED")),
            lambda id: self.say(id, Proposal("CRASHED")),
        ]
        self.chance.choice(acts)(run.pk)

    def claim(self, id: UUID) -> None:
        token = uuid4()
        by = Claim(token, "a")
        if claims.claim(id, by, actor=OWNER, now=self.now).written:
            self.tokens[id] = token

    def start(self, id: UUID) -> None:
        self.say(id, Proposal("RUNNING"))

    def beat(self, id: UUID) -> None:
        if FlowRun.objects.exclude(state_type__in=FINAL).filter(pk=id).exists():
            pulses.store([Beat(id, "a", self.chance.choice([5, 30]))], self.now)

    def see_end(self, id: UUID) -> None:
        pulses.note_ends([End(id, 1)], agent="a", actor=OWNER, now=self.now)

    def pause(self) -> Proposal:
        until = self.now + timedelta(seconds=self.chance.choice([10, 1000]))
        details = {"pause_timeout": stamp(until), "pause_key": str(uuid4())}
        return Proposal("PAUSED", details=details)

    def say(self, id: UUID, proposal: Proposal, *, force: bool = False) -> None:
        dialect = self.chance.choice([TWO, THREE])
        propose_flow_run(
            id, proposal, actor=OWNER, dialect=dialect, force=force, now=self.now
        )

    def tick(self, kind: int) -> None:
        """One replica does its work; the other finds nothing left to do."""
        before = self.picture()
        first, second = (replica[kind] for replica in self.loops)
        while first.tick(self.now):
            pass
        after = self.picture()
        while second.tick(self.now):
            pass
        assert self.picture() == after, f"{first.name} did its work twice"
        assert first.lag(self.now) is None, f"{first.name} left due work"
        for id, (type, _) in before.items():
            self.check_step(id, type, after[id][0], first.name)

    def check_step(self, id: UUID, was: str, now: str, loop: str) -> None:
        if was in FINAL:
            assert now == was, f"{loop} changed a final state"
        if (was, now) == ("RUNNING", "SCHEDULED"):
            assert id in self.safe, f"{loop} starts what nobody said it may"

    def picture(self) -> dict[UUID, tuple[str, UUID]]:
        rows = FlowRun.objects.values_list("pk", "state_type", "state_id")
        return {id: (str(type), state) for id, type, state in rows if state}

    def check(self) -> None:
        for run in FlowRun.objects.select_related("deployment"):
            newest = FlowRunState.objects.filter(flow_run=run).order_by("timestamp")
            assert newest.last().pk == run.state_id  # type: ignore[union-attr]
            assert run.state_type == "PENDING" or run.claim_expires is None
            assert not run.is_final or run.deadline is None
            assert run.reclaims <= 3
            assert run.losses <= (run.deployment.retry_limit if run.deployment else 0)

    def settle(self) -> None:
        """Nobody does anything any more; time passes."""
        for _ in range(8):
            self.now += timedelta(minutes=11)
            for kind in range(len(KINDS)):
                self.tick(kind)
        queued = FlowRun.objects.exclude(deployment=None, work_queue=None)
        assert not queued.filter(state_type__in=WAITING).exists()
        assert not FlowRun.objects.filter(state_type="CANCELLING").exists()
        promised = FlowRun.objects.filter(pulse__interval_seconds__isnull=False)
        assert not promised.filter(state_type="RUNNING").exists()
        ended = TaskRun.objects.filter(flow_run__state_type__in=FINAL)
        ended = ended.exclude(state_type__in=FINAL)
        # before a run starts it has no tasks; only this world's factories give it some
        ended = ended.exclude(flow_run__start_time__isnull=True)
        assert not ended.filter(child_flow_runs__isnull=True).exists()


@time_machine.travel(START, tick=False)  # what is stamped along is never ahead
def test_no_order_of_events_breaks_what_the_loops_promise(long: bool) -> None:
    for seed in range(60 if long else 2):
        FlowRun.objects.all().delete()
        world = World(random.Random(seed))
        for _ in range(100 if long else 30):
            world.act()
            if world.chance.random() < 0.5:
                world.tick(world.chance.randrange(len(KINDS)))
            world.check()
        world.settle()
        world.check()
