"""Signs of life: beats that were promised, and everything else a run lets hear."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Max, OuterRef, Subquery

from core.actor import Actor
from core.conf import conf
from core.sql import write
from logs.models import Log
from runs.models import FlowRun, Pulse, TaskRun
from runs.models.pulse import silent_from
from runs.states import FINAL

SHORTEST, LONGEST = 30.0, 3600.0  # seconds between the beats of 3.x clients
_BEATEN = (
    "last_seen",
    "interval_seconds",
    "silent_from",
    "source",
    "host",
    "pid",
    "beat",
    "ended",
    "exit_code",
    "suspect_since",
)


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life by somebody who promises more of them."""

    flow_run_id: UUID
    source: str
    interval: float  # seconds until the next
    host: str | None = None
    pid: int | None = None
    sent: datetime | None = None  # by the sender's clock


@dataclass(frozen=True, slots=True)
class End:
    """An agent saw the process of a run end."""

    flow_run_id: UUID
    exit_code: int | None = None


def store(beats: Collection[Beat], now: datetime) -> None:
    """Keep the newest beat of each run, in the caller's transaction."""
    rows = [
        Pulse(
            flow_run_id=beat.flow_run_id,
            last_seen=now,
            interval_seconds=beat.interval,
            silent_from=silent_from(now, beat.interval),
            source=beat.source,
            host=beat.host,
            pid=beat.pid,
            beat=beat.sent,
        )
        for beat in sorted(beats, key=lambda beat: beat.flow_run_id)
    ]
    if rows:
        Pulse.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["flow_run"],
            update_fields=_BEATEN,
        )


def expect(id: UUID, agent: str, now: datetime) -> None:
    """A run starts on the claim of an agent: its silence means an end from now on.

    The agent has promised to say that it has the run. It may die before the first beat,
    and the process with it. Who has beaten already has promised more than that.
    """
    promised = Pulse.objects.filter(pk=id, interval_seconds__isnull=False, ended=None)
    if promised.filter(last_seen__gte=now - conf.agent_claim).exists():
        return
    interval = conf.agent_claim.total_seconds() / conf.heartbeat_misses
    store([Beat(id, agent, interval)], now)


def note_ends(
    ends: Collection[End], *, agent: str, actor: Actor, now: datetime
) -> None:
    """Remember that processes ended; a run that reports nothing crashes soon."""
    if not ends:
        return
    codes = {end.flow_run_id: end.exit_code for end in ends}
    runs = FlowRun.objects.visible_to(actor).exclude(state_type__in=FINAL)
    with write():
        ids = runs.filter(pk__in=codes).order_by("pk").values_list("pk", flat=True)
        rows = [
            Pulse(
                flow_run_id=id,
                last_seen=now,
                interval_seconds=None,
                silent_from=now + conf.heartbeat_slack,
                source=agent,
                ended=now,
                exit_code=codes[id],
            )
            for id in ids
        ]
        if rows:
            Pulse.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["flow_run"],
                update_fields=["ended", "exit_code", "silent_from", "source"],
            )


def hear(sent: Mapping[UUID, datetime], now: datetime) -> None:
    """Take in the heartbeat events of 3.x clients: when each run's newest was sent.

    They do not say how often they beat: the longest gap so far tells. Runs that have
    ended are left out, in the caller's transaction.
    """
    if not sent:
        return
    open_runs = FlowRun.objects.filter(pk__in=sent).exclude(state_type__in=FINAL)
    found = open_runs.order_by("pk").select_related("pulse")
    beats = []
    for run in found.only("pk", "state_timestamp", *_known()):
        pulse = getattr(run, "pulse", None)
        interval = _learned(pulse, sent[run.pk], run.state_timestamp)
        beats.append(Beat(run.pk, "the client", interval, sent=sent[run.pk]))
    store(beats, now)


def _known() -> list[str]:
    fields = ("last_seen", "interval_seconds", "beat", "source")
    return [f"pulse__{field}" for field in fields]


def _learned(pulse: Pulse | None, at: datetime, began: datetime | None) -> float:
    """Seconds until the next beat of a client that does not tell."""
    usual = conf.client_heartbeat.total_seconds()
    if pulse is None or pulse.interval_seconds is None:
        return usual
    if pulse.beat is None:
        return pulse.interval_seconds  # an agent promised it
    if began is not None and pulse.last_seen < began:
        return usual  # another attempt beats at once
    gap = (at - pulse.beat).total_seconds()
    if gap <= 0:
        return pulse.interval_seconds
    known = pulse.interval_seconds if pulse.interval_seconds != usual else 0.0
    return min(max(gap, known, SHORTEST), LONGEST)


def heard(ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each run last let hear anything but a beat: a state, a task, a log line.

    It is asked only about runs whose beats are overdue, so nobody writes it along.
    """
    logs = Log.objects.filter(flow_run_id=OuterRef("pk")).order_by("-timestamp")
    tasks = TaskRun.objects.filter(flow_run=OuterRef("pk")).order_by()
    newest = tasks.values("flow_run").annotate(newest=Max("updated")).values("newest")
    rows = FlowRun.objects.filter(pk__in=ids).values_list(
        "pk",
        F("state_timestamp"),
        Subquery(logs.values("created")[:1]),
        Subquery(newest),
    )
    return {id: max(at for at in signs if at) for id, *signs in rows if any(signs)}


def put_off(id: UUID, *, until: datetime, **columns: Any) -> None:
    """Look at a run's silence again later."""
    with write():
        Pulse.objects.filter(pk=id).update(silent_from=until, **columns)


def watch_quiet(now: datetime, batch: int) -> int:
    """Watch runs that nobody promised to beat for; returns how many were found."""
    since = now - conf.suspect_after
    ids = FlowRun.objects.quiet(since).values_list("pk", "state_timestamp")[:batch]
    rows = [
        Pulse(flow_run_id=id, last_seen=at, silent_from=now, source="")
        for id, at in ids
        if at is not None
    ]
    if rows:
        with write():
            Pulse.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def deadline(pulse: Pulse, seen: datetime) -> datetime | None:
    """When silence since `seen` ends the run; None where silence means nothing."""
    if pulse.ended is not None and pulse.ended >= seen - timedelta(seconds=1):
        return pulse.ended + conf.heartbeat_slack
    if pulse.interval_seconds is None:
        return None
    return silent_from(seen, pulse.interval_seconds)
