"""The only window rules have on the database.

Each answer is remembered: the memory of a transition, together with the verdict, is the
stored explanation. Locks are taken in a fixed order: run, parent, limits by name.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from concurrency import slots
from concurrency.models import Limit
from core.conf import conf
from core.ids import uuid7
from runs import pulses
from runs.models import CachedState, Pulse
from runs.orchestration.loading import load_state
from runs.orchestration.transition import moment, stamp

if TYPE_CHECKING:
    from runs.orchestration.transition import StateValue, Transition


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """A limit and how full it is; `is_mine` if the run holds a slot already."""

    id: UUID
    name: str
    limit: int
    in_use: int
    is_mine: bool


class Facts:
    """Answers to the rules' questions about one transition."""

    def __init__(self) -> None:
        self.remembered: dict[str, Any] = {}
        self._tag_limits: list[LimitFacts] | None = None
        self._rows: dict[UUID, Limit] = {}
        self._t: Transition | None = None

    def attach(self, t: Transition) -> None:
        """Say which transition the questions are about."""
        self._t = t

    @property
    def t(self) -> Transition:
        """The transition."""
        if self._t is None:
            raise LookupError("facts are not attached to a transition")
        return self._t

    def note(self, key: str, value: Any) -> None:
        """Remember a fact for the explanation."""
        self.remembered[key] = value

    # -- the flow around a task -------------------------------------------------

    def flow_state(self) -> StateValue:
        """The present state of the enclosing flow run."""
        state_id = self.t.run.flow_state_id
        state = load_state("flow_run", state_id) if state_id else None
        if state is None:
            raise LookupError("the enclosing flow run has no state")
        self.note("flow_run", self.t.run.flow_name)
        self.note("flow_run_state", state.name)
        return state

    # -- signs of life ----------------------------------------------------------

    def silent_from(self) -> datetime | None:
        """When the run counts as silent if nothing more comes; None without promise."""
        pulse = Pulse.objects.filter(flow_run_id=self.t.run.id).first()
        if pulse is None:
            return None
        seen = max(pulse.last_seen, *pulses.heard([self.t.run.id]).values())
        self.note("last_seen", stamp(seen))
        self.note("interval_seconds", pulse.interval_seconds)
        self.note("source", pulse.source)
        if pulse.ended is not None:
            self.note("ended", stamp(pulse.ended))
            self.note("exit_code", pulse.exit_code)
        return pulses.deadline(pulse, seen)

    def lost_retry_delay(self) -> timedelta:
        """How long a lost run waits at least, so that all reports of it are in."""
        return conf.lost_retry_delay

    # -- the cache --------------------------------------------------------------

    def cached_state(self, key: str) -> StateValue | None:
        """The newest completed state stored under a key that has not expired."""
        hit = (
            CachedState.objects.filter(
                cache_key=key, workspace_id=self.t.run.workspace_id
            )
            .exclude(cache_expiration__lte=self.t.now)
            .order_by("-created")
            .values_list("state_id", "state__task_run_id")
            .first()
        )
        if hit is None:
            return None
        self.note("cache_key", key)
        self.note("filled_by_task_run", str(hit[1]))
        return load_state("task_run", hit[0])

    def remember_result(self, key: str, state: StateValue) -> None:
        """Fill the cache."""
        CachedState.objects.create(
            workspace_id=self.t.run.workspace_id,
            cache_key=key,
            cache_expiration=moment(state.details.get("cache_expiration")),
            state_id=state.id,
        )

    # -- limits -----------------------------------------------------------------

    def tag_limits(self) -> list[LimitFacts]:
        """The active limits on the task run's tags, by name, locked."""
        if self._tag_limits is None:
            names = [f"tag:{tag}" for tag in self.t.run.tags]
            self._tag_limits = self._limits(names) if names else []
        return self._tag_limits

    def deployment_limit(self) -> LimitFacts | None:
        """The limit on the runs of the deployment, locked."""
        if self.t.run.limit_id is None:
            return None
        found = self._measured(
            list(Limit.objects.locked().filter(pk=self.t.run.limit_id, active=True))
        )
        return found[0] if found else None

    def take_tag_slots(self) -> None:
        """Hold a slot of every tag limit for as long as the task runs."""
        mine = [
            self._rows[limit.id] for limit in self.tag_limits() if not limit.is_mine
        ]
        if mine:
            holder = ("task_run", self.t.run.id)
            slots.take(mine, slots=1, holder=holder, ttl=None, now=self.t.now)

    def release_tag_slots(self) -> None:
        """Give back what the task run holds."""
        if self.t.run.tags:
            slots.release_holder("task_run", self.t.run.id, name_prefix="tag:")

    def lease_lives(self, lease: str) -> bool:
        """Whether a lease has not expired; remembered."""
        alive = slots.is_live(UUID(lease), self.t.now)
        self.note("lease_alive", alive)
        return alive

    def new_lease_id(self) -> str:
        """An id for a lease that will be written with the state."""
        return str(uuid7())

    def hold_deployment_slot(self, lease: str) -> None:
        """Renew the lease by the grace period, or write it."""
        run, now = self.t.run, self.t.now
        if slots.renew(UUID(lease), self._grace(), now) or run.limit_id is None:
            return
        limits = list(Limit.objects.filter(pk=run.limit_id))
        slots.take(
            limits,
            slots=1,
            holder=("flow_run", run.id),
            ttl=self._grace(),
            now=now,
            lease_id=UUID(lease),
        )

    def hold_for_good(self, lease: str) -> None:
        """Take the expiry off a lease."""
        slots.hold(UUID(lease), self.t.now)

    def release_deployment_slot(self, lease: str | None) -> None:
        """Give the deployment's slot back."""
        if lease is None or not slots.revoke(UUID(lease)):
            slots.release_holder("flow_run", self.t.run.id, name_prefix="deployment:")

    def slot_retry(self) -> timedelta:
        """How long a run waits before it asks for a slot again."""
        return conf.deployment_slot_retry

    def tag_wait(self) -> int:
        """Seconds until a task should ask for its slots again."""
        if self.t.dialect.generation == 2:
            return conf.tag_wait_seconds_2
        usual = [
            self._rows[limit.id].avg_slot_occupancy_seconds
            for limit in self.tag_limits()
            if limit.in_use >= limit.limit
        ]
        longest = conf.tag_wait_seconds_3
        mean = min([*usual, longest]) or longest
        return max(1, min(longest, round(self.jittered(mean, 0.5))))

    def jittered(self, mean: float, factor: float) -> float:
        """`mean`, stretched or shrunk by up to `factor` at random."""
        return mean * random.uniform(1 - factor, 1 + factor)  # noqa: S311 - no secret

    def _grace(self) -> timedelta:
        options = self.t.run.concurrency_options or {}
        seconds = options.get("grace_period_seconds")
        return timedelta(seconds=seconds) if seconds else conf.deployment_lease

    def _limits(self, names: list[str]) -> list[LimitFacts]:
        rows = slots.limits_named(
            names, workspace_id=self.t.run.workspace_id, lock=True
        )
        return self._measured([row for row in rows if row.active])

    def _measured(self, rows: list[Limit]) -> list[LimitFacts]:
        if not rows:
            return []
        self._rows.update({row.pk: row for row in rows})
        used = slots.in_use([row.pk for row in rows], self.t.now)
        return [self._fact(row, used.get(row.pk, 0)) for row in rows]

    def _fact(self, row: Limit, in_use: int) -> LimitFacts:
        is_mine = False
        if in_use >= row.limit:
            holders = slots.holders(row.pk, self.t.now)
            is_mine = any(holder[1] == self.t.run.id for holder in holders)
            self.note(
                f"limit {row.name}",
                {
                    "limit": row.limit,
                    "in_use": in_use,
                    "holders": [
                        {"type": type, "id": str(id), "since": str(since)}
                        for type, id, since, _ in holders[:20]
                    ],
                },
            )
        return LimitFacts(row.pk, row.name, row.limit, in_use, is_mine)
