"""Where due runs come from: queues by name, a work pool, deployments served here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from orion.exceptions import HTTPStatusError
from orion.worker.infrastructure import PROCESS, of_kind

if TYPE_CHECKING:
    from orion.client.transport import Transport
    from orion.worker.infrastructure.job import Infrastructure

DEFAULT_QUEUE = "default"
REQUEST_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run that the server offers; it is nobody's until its claim is accepted."""

    id: str
    name: str
    due: datetime | None
    priority: int
    run: Mapping[str, Any]
    site: Site

    @property
    def order(self) -> tuple[int, float]:
        return self.priority, self.due.timestamp() if self.due else 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """Where the runs of a source are executed, and what its jobs are made of."""

    infrastructure: Infrastructure
    template: Mapping[str, Any]


class Source(Protocol):
    """Something that can be asked for due runs."""

    def prepare(self) -> None: ...

    def due(self, *, before: datetime, limit: int) -> list[DueRun]: ...


class ClassicQueue:
    """A queue asked by its name, as Prefect 2 agents do."""

    def __init__(self, transport: Transport, name: str) -> None:
        self.transport, self.name = transport, name
        self._id, self._priority = "", 1
        self._site = Site(of_kind(PROCESS), {})

    def prepare(self) -> None:
        """Find the queue by its name; make it where there is none."""
        try:
            found = _get(self.transport, f"/work_queues/name/{quote(self.name)}")
        except HTTPStatusError as error:
            if error.status != 404:
                raise
            found = _post(self.transport, "/work_queues/", {"name": self.name})
        self._id, self._priority = found["id"], found.get("priority") or 1

    def due(self, *, before: datetime, limit: int) -> list[DueRun]:
        """Due runs of this queue; a deleted queue is made anew."""
        if not self._id:
            self.prepare()
        body = {"limit": limit, "scheduled_before": before.isoformat()}
        try:
            found = _post(self.transport, f"/work_queues/{self._id}/get_runs", body)
        except HTTPStatusError as error:
            if error.status == 404:
                self._id = ""
            raise
        return [_due_run(run, self._priority, self._site) for run in found]


class Pool:
    """Some or all queues of one work pool."""

    def __init__(
        self, transport: Transport, name: str, queues: Sequence[str] = ()
    ) -> None:
        self.transport, self.name, self.queues = transport, name, list(queues)
        self._priorities: dict[str, int] | None = None
        self._site: Site | None = None

    @property
    def path(self) -> str:
        return f"/work_pools/{quote(self.name)}"

    def prepare(self) -> None:
        """Find the pool, or make one of type process; learn its queues' order."""
        try:
            pool = _get(self.transport, self.path)
        except HTTPStatusError as error:
            if error.status != 404:
                raise
            body = {"name": self.name, "type": PROCESS, "base_job_template": {}}
            pool = _post(self.transport, "/work_pools/", body)
        self._learn(pool)
        queues = _post(self.transport, f"{self.path}/queues/filter", {})
        self._priorities = {q["id"]: q.get("priority") or 1 for q in queues}

    def _learn(self, pool: Mapping[str, Any]) -> None:
        kind = str(pool.get("type") or PROCESS)
        known = self._site.infrastructure if self._site else None
        place = known if known and known.kind == kind else of_kind(kind)
        self._site = Site(place, pool.get("base_job_template") or {})

    def due(self, *, before: datetime, limit: int) -> list[DueRun]:
        """Due runs of the pool; a deleted pool is made anew."""
        if self._priorities is None:
            self.prepare()
        body: dict[str, Any] = {"scheduled_before": before.isoformat(), "limit": limit}
        if self.queues:
            body["work_queue_names"] = self.queues
        try:
            found = _post(self.transport, f"{self.path}/get_scheduled_flow_runs", body)
        except HTTPStatusError as error:
            if error.status == 404:
                self._priorities = None
            raise
        known = self._priorities or {}
        if any(item["work_queue_id"] not in known for item in found):
            self.prepare()
            known = self._priorities or {}
        elif found and self._site is not None:
            self._learn(_get(self.transport, self.path))  # an edited template counts
        site = self._site or Site(of_kind(PROCESS), {})
        return [
            _due_run(item["flow_run"], known.get(item["work_queue_id"], 1), site)
            for item in found
        ]


class Served:
    """Deployments whose runs belong to no queue, only to who serves them."""

    def __init__(self, transport: Transport, deployments: Sequence[str]) -> None:
        self.transport, self.deployments = transport, list(deployments)
        self._site = Site(of_kind(PROCESS), {})

    def prepare(self) -> None:
        """Nothing is needed beforehand."""

    def due(self, *, before: datetime, limit: int) -> list[DueRun]:
        """Due runs of these deployments, earliest first."""
        body = {
            "deployment_ids": self.deployments,
            "scheduled_before": before.isoformat(),
            "limit": limit,
        }
        found = _post(self.transport, "/deployments/get_scheduled_flow_runs", body)
        return [_due_run(run, 1, self._site) for run in found]


def _due_run(run: Mapping[str, Any], priority: int, site: Site) -> DueRun:
    due = run.get("next_scheduled_start_time") or run.get("expected_start_time")
    return DueRun(
        id=str(run["id"]),
        name=str(run["name"]),
        due=datetime.fromisoformat(due) if due else None,
        priority=priority,
        run=run,
        site=site,
    )


def _get(transport: Transport, path: str) -> Any:
    return transport.request("GET", path, retry=False, timeout=REQUEST_SECONDS).json()


def _post(transport: Transport, path: str, body: object) -> Any:
    return transport.request(
        "POST", path, json=body, retry=False, timeout=REQUEST_SECONDS
    ).json()
