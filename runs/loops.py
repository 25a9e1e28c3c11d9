"""Loops over runs: the recorder, and the watch for runs that fell silent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actor import SERVICE
from core.loops import Loop, seconds
from core.sql import write
from events.inbox import RECORDER
from runs import recorder
from runs.models import FlowRun, Pulse
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.policies.special import INFER_CRASH
from runs.orchestration.transition import Because, Proposal
from runs.states import FINAL, StateType


class Recorder(Loop):
    """Work event frames of clients in; woken as soon as some arrive."""

    name, interval, batch = RECORDER, seconds(2), recorder.BATCH
    in_every_server = True

    def tick(self, now: datetime) -> bool:
        """Work in the oldest batch."""
        return recorder.work_in(now) == self.batch


class ZombieKiller(Loop):
    """Crash running runs that promised signs of life and fell silent."""

    name, interval, batch = "zombie-killer", seconds(5), 200

    def tick(self, now: datetime) -> bool:
        """Crash what is overdue, and forget the pulses of ended runs."""
        silent = [
            (run.pk, run.pulse)
            for run in FlowRun.objects.promised()
            .filter(pulse__last_seen__lt=now)
            .order_by("pulse__last_seen")[: self.batch]
            if run.pulse.silent_from(run.pulse.last_seen) <= now
        ]
        pulses = dict(silent)
        self.each(pulses, lambda id: _crash(id, pulses[id], now), now=now)
        with write():
            ended = Pulse.objects.filter(flow_run__state_type__in=FINAL)
            ended.filter(pk__in=list(ended.values_list("pk", flat=True)[:500])).delete()
        return len(silent) == self.batch


def _crash(id: UUID, pulse: Pulse, now: datetime) -> None:
    silence = round((now - pulse.last_seen).total_seconds())
    message = (
        f"No sign of life from {pulse.source} for {silence} s, although one was "
        f"promised every {pulse.interval_seconds:g} s: the process or its machine is "
        "gone."
    )
    propose_flow_run(
        id,
        Proposal(StateType.CRASHED, message=message, details={"inferred": True}),
        actor=SERVICE,
        policy=INFER_CRASH,
        because=Because("ZombieKiller", message, {"source": pulse.source}),
        now=now,
    )
