"""Loops that watch for runs that fell silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from core.actor import SERVICE
from core.clock import now as clock_now
from core.conf import conf
from core.loops import Loop, seconds
from core.sql import write
from runs import pulses
from runs.explanations import suspicion
from runs.models import Decision, Pulse
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.policies.special import INFER_CRASH
from runs.orchestration.rules.claims import clock
from runs.orchestration.transition import Because, Proposal, stamp
from runs.states import FINAL, StateType


class ZombieKiller(Loop):
    """Crash running runs that promised signs of life and fell silent."""

    name, interval, batch = "zombie-killer", seconds(5), 200

    def tick(self, now: datetime) -> bool:
        """Judge every silence that is long enough to say something."""
        due = Pulse.objects.filter(silent_from__lte=now).select_related("flow_run")
        # while a run is pending its silence is for those who give claims back to see
        due = due.exclude(flow_run__state_type=StateType.PENDING)
        due = due.exclude(pk__in=self.put_off(now)).order_by("silent_from")
        found = {pulse.pk: pulse for pulse in due[: self.batch]}
        signs = pulses.heard(found)
        self.each(found, lambda id: _judge(found[id], signs, now), now=now)
        with write():
            ended = Pulse.objects.filter(flow_run__state_type__in=FINAL)
            ended.filter(pk__in=list(ended.values_list("pk", flat=True)[:500])).delete()
        return len(found) == self.batch

    def lag(self, now: datetime) -> timedelta | None:
        """How long the longest silence has waited to be judged."""
        running = Pulse.objects.filter(flow_run__state_type=StateType.RUNNING)
        oldest = running.filter(silent_from__lte=now).order_by("silent_from").first()
        return now - oldest.silent_from if oldest else None


class QuietRuns(Loop):
    """Watch long-running runs that nobody promised signs of life for."""

    name, interval, batch = "quiet-runs", seconds(60), 500

    def tick(self, now: datetime) -> bool:
        """Take the next ones into the watch."""
        return pulses.watch_quiet(now, self.batch) == self.batch


def _judge(pulse: Pulse, signs: Mapping[UUID, datetime], now: datetime) -> None:
    """Crash the run, call it suspect, or wait for the next silence."""
    run = pulse.flow_run
    if run.state_type in FINAL:
        return
    if run.state_type != StateType.RUNNING:
        pulses.put_off(pulse.pk, until=now + conf.suspect_after)
        return
    seen = max(pulse.last_seen, signs.get(pulse.pk, pulse.last_seen))
    deadline = pulses.deadline(pulse, seen)
    if deadline is None:
        _suspect(pulse, seen, now)
    elif deadline > now:
        pulses.put_off(pulse.pk, until=deadline, last_seen=seen)
    else:
        _crash(pulse, seen, now)


def _crash(pulse: Pulse, seen: datetime, now: datetime) -> None:
    silence = round((now - seen).total_seconds())
    if pulse.ended is not None:
        code = "" if pulse.exit_code is None else f" with exit code {pulse.exit_code}"
        message = (
            f"Agent {pulse.source} saw the process of the run end{code} at "
            f"{clock(pulse.ended)}, and the run reported no end."
        )
    else:
        message = (
            f"No sign of life from {pulse.source} for {silence} s, although one was "
            f"promised every {pulse.interval_seconds:g} s: the process or its machine "
            "is gone."
        )
    propose_flow_run(
        pulse.pk,
        Proposal(StateType.CRASHED, message=message, details={"inferred": True}),
        actor=SERVICE,
        policy=INFER_CRASH,
        because=Because("ZombieKiller", message, {"source": pulse.source}),
        now=now,
    )


def _suspect(pulse: Pulse, seen: datetime, now: datetime) -> None:
    """Say once that a run may be dead; take it back when it is heard of again."""
    quiet = seen <= now - conf.suspect_after
    since = seen if quiet else None
    until = now + conf.suspect_after if quiet else seen + conf.suspect_after
    with write():
        changed = bool(pulse.suspect_since) != quiet
        pulses.put_off(pulse.pk, until=until, last_seen=seen, suspect_since=since)
        if changed:
            _note(pulse, seen, now, quiet=quiet)


def _note(pulse: Pulse, seen: datetime, now: datetime, *, quiet: bool) -> None:
    if quiet:
        reason = suspicion(seen)
    else:
        reason = f"The run is suspect no longer: it was heard of at {clock(seen)}."
    run = pulse.flow_run
    Decision.objects.create(
        created=clock_now(),
        flow_run_id=pulse.pk,
        policy=INFER_CRASH.name,
        rule="ZombieKiller",
        verdict="NOTE",
        reason=reason,
        facts={"last_seen": stamp(seen), "suspect": quiet},
        from_type=run.state_type,
        from_name=run.state_name,
        state_id=run.state_id,
        actor=SERVICE.name,
    )
