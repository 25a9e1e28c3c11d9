"""Everything the page of one deployment reads, each table once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from core.actor import Actor
from core.errors import NotFound
from dashboard.base.spoken import in_words
from dashboard.base.strips import run_strip
from dashboard.deployments.lists import status_of
from deployments.models import Catchup, Deployment, Hold, Overlap, Schedule
from runs.models import FlowRun
from runs.recent import recent
from runs.states import StateType

AHEAD = timedelta(days=4000)


class DeploymentDetail:
    """A deployment and what surrounds it; reads happen when first wanted."""

    def __init__(self, id: UUID, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        found: Any = Deployment.objects.visible_to(actor).filter(pk=id)
        joined = found.select_related("flow", "work_queue__pool", "concurrency_limit")
        one: Deployment | None = joined.first()
        if one is None:
            raise NotFound(
                f"There is no deployment {id} here; it may have been deleted."
            )
        self.deployment: Deployment = one

    @cached_property
    def schedules(self) -> list[ScheduleLine]:
        """The schedules with what holds them, oldest first."""
        rows = self.deployment.schedules.order_by("created", "id")
        held = {hold.schedule_identity: hold for hold in self.holds}
        return [ScheduleLine(row, held.get(row.identity)) for row in rows]

    def schedule(self, id: UUID) -> ScheduleLine:
        """One of the schedules."""
        found = next((line for line in self.schedules if line.schedule.pk == id), None)
        if found is None:
            raise NotFound(
                f"{self.deployment.name} has no schedule {id}; it may have been "
                "replaced by a deploy."
            )
        return found

    @cached_property
    def holds(self) -> list[Hold]:
        """What an operator holds."""
        return list(self.deployment.holds.order_by("created"))

    @property
    def hold(self) -> Hold | None:
        """The hold of the whole deployment."""
        return next((h for h in self.holds if h.schedule_identity is None), None)

    @property
    def status(self) -> str:
        """On hold, paused, ready or not."""
        return status_of(self.deployment, self.holds, self.now)

    @property
    def not_ready(self) -> str:
        """Why nothing would start its runs, if so."""
        queue = self.deployment.work_queue
        if self.status != "NOT_READY":
            return ""
        if queue is None:
            return "No process serves it, and it is in no work pool."
        if queue.pool.is_paused:
            return f"Work pool {queue.pool.name} is paused."
        if queue.is_paused:
            return f"Work queue {queue.name} is paused."
        return (
            f"Nobody has asked for work of pool {queue.pool.name}, queue {queue.name} "
            "in the last minute."
        )

    @cached_property
    def strip(self) -> SafeString:
        """The last runs as a picture."""
        id = self.deployment.pk
        past = recent("deployment", [id], most=20, now=self.now)
        return run_strip(past.get(id, []))

    @property
    def upcoming(self) -> Any:
        """Its runs that are still to start, next first; not cut."""
        runs = FlowRun.objects.visible_to(self.actor).filter(
            deployment=self.deployment.pk, state_type=StateType.SCHEDULED
        )
        return runs.order_by("next_scheduled_start_time", "id")

    @cached_property
    def next_start(self) -> datetime | None:
        """When the next run is due."""
        later = self.upcoming.filter(next_scheduled_start_time__gt=self.now)
        at: datetime | None = later.values_list(
            "next_scheduled_start_time", flat=True
        ).first()
        return at


class ScheduleLine:
    """A schedule as a card shows it."""

    def __init__(self, schedule: Schedule, hold: Hold | None) -> None:
        self.schedule = schedule
        self.hold = hold

    @property
    def words(self) -> str:
        """When it fires."""
        return in_words(self.schedule.schedule)

    @property
    def title(self) -> str:
        """Its label, or when it fires."""
        return self.schedule.slug or self.words

    @property
    def is_working(self) -> bool:
        """Whether it makes runs."""
        return self.schedule.active and self.hold is None

    @property
    def settings(self) -> list[str]:
        """What differs from a plain schedule, in a few words each."""
        row = self.schedule
        said = []
        if row.catchup_policy != Catchup.NONE:
            said.append(f"missed: {row.get_catchup_policy_display()}")
        if row.overlap_policy != Overlap.ALLOW:
            said.append(f"overlap: {row.get_overlap_policy_display()}")
        if row.max_active_runs is not None:
            said.append(f"at most {row.max_active_runs} at a time")
        if row.starts_at is not None:
            said.append(f"from {row.starts_at:%Y-%m-%d}")
        if row.ends_at is not None:
            said.append(f"until {row.ends_at:%Y-%m-%d}")
        said += [f"not while {name} is closed" for name in row.calendars]
        if row.parameters:
            said.append(f"its own {', '.join(row.parameters)}")
        return said

    @property
    def edited(self) -> str:
        """What was changed here and differs from the code."""
        return ", ".join(
            FIELDS.get(name, name) for name in self.schedule.deployed or {}
        )


FIELDS = {
    "schedule": "dates",
    "catchup_policy": "what was missed",
    "overlap_policy": "overlap",
    "max_active_runs": "maximum",
    "starts_at": "begin",
    "ends_at": "end",
}
