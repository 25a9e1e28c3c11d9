"""Deployments over the wire: create or update, read, find, start a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from orion.client.transport import Transport
    from orion.flows import Flow
    from orion.schedules import Schedule

DEFAULT_QUEUE = "default"
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What the server is to know so that an agent can run a flow."""

    name: str
    flow_name: str
    entrypoint: str
    path: str
    description: str | None = None
    version: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    parameter_schema: Mapping[str, Any] = field(default_factory=dict)
    enforce_parameter_schema: bool = True
    schedules: Sequence[Schedule] = ()
    tags: Sequence[str] = ()
    work_pool: str | None = None
    work_queue: str | None = None
    job_variables: Mapping[str, Any] = field(default_factory=dict)
    pull_steps: Sequence[Mapping[str, Any]] = ()
    concurrency_limit: int | None = None
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    paused: bool = False

    def apply(
        self, transport: Transport | None = None, *, is_served: bool = False
    ) -> dict[str, Any]:
        """Create flow and deployment, or bring them up to date; the server's answer.

        One that is served belongs to no queue: only who serves it asks for its runs.

        Raises:
            ApiUnreachable: no API address is configured.
        """
        if transport is None:
            from orion.client.transport import configured

            transport = configured()
        return apply(transport, self, is_served=is_served)

    def body(self, flow_id: str, *, is_served: bool = False) -> dict[str, Any]:
        """The request that creates it or brings it up to date."""
        queue = self.work_queue
        if queue is None and self.work_pool is None and not is_served:
            queue = DEFAULT_QUEUE
        limit = self.concurrency_limit
        return {
            "name": self.name,
            "flow_id": flow_id,
            "entrypoint": self.entrypoint,
            "path": self.path,
            "description": self.description,
            "version": self.version,
            "parameters": dict(self.parameters),
            "parameter_openapi_schema": _lasting(self.parameter_schema),
            "enforce_parameter_schema": self.enforce_parameter_schema
            and bool(self.parameter_schema),
            "schedules": [schedule.body() for schedule in self.schedules],
            "tags": list(self.tags),
            "work_pool_name": self.work_pool,
            "work_queue_name": queue,
            "job_variables": dict(self.job_variables),
            "pull_steps": [dict(step) for step in self.pull_steps] or None,
            "concurrency_limit": limit,
            "concurrency_options": None
            if limit is None
            else {"collision_strategy": self.collision_strategy},
            "paused": self.paused,
        }


def _lasting(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without an empty `required`, which older JSON-schema drafts forbid."""
    return {key: value for key, value in schema.items() if key != "required" or value}


def of_flow(
    flow: Flow[..., Any], name: str, *, entrypoint: str, folder: Path, **options: Any
) -> Deployment:
    """A deployment of this flow; the flow itself tells schema and description."""
    return Deployment(
        name=name,
        flow_name=flow.name,
        entrypoint=entrypoint,
        path=str(folder),
        description=flow.description,
        version=flow.version,
        parameter_schema=flow.parameter_schema(),
        **options,
    )


def apply(
    transport: Transport, deployment: Deployment, *, is_served: bool = False
) -> dict[str, Any]:
    """Create the flow and the deployment, or bring them up to date."""
    flow = transport.request("POST", "/flows/", json={"name": deployment.flow_name})
    body = deployment.body(flow.json()["id"], is_served=is_served)
    answer = transport.request("POST", "/deployments/", json=body)
    return cast("dict[str, Any]", answer.json())


def read(transport: Transport, deployment_id: str) -> dict[str, Any]:
    """One deployment by its id."""
    answer = transport.request("GET", f"/deployments/{deployment_id}")
    return cast("dict[str, Any]", answer.json())


def read_by_name(transport: Transport, full_name: str) -> dict[str, Any]:
    """One deployment by `flow name/deployment name`."""
    flow, _, name = full_name.partition("/")
    path = f"/deployments/name/{quote(flow, safe='')}/{quote(name, safe='')}"
    return cast("dict[str, Any]", transport.request("GET", path).json())


def find(
    transport: Transport, *, name: str | None = None, limit: int = PAGE
) -> list[dict[str, Any]]:
    """Deployments by name, each with its flow's name as `flow_name`."""
    wanted = {"name": {"any_": [name]}} if name else {}
    body = {"deployments": wanted, "limit": limit, "sort": "NAME_ASC"}
    found = transport.request("POST", "/deployments/filter", json=body).json()
    ids = sorted({each["flow_id"] for each in found})
    names = flow_names(transport, ids)
    return [{**each, "flow_name": names.get(each["flow_id"])} for each in found]


def flow_names(transport: Transport, ids: Sequence[str]) -> dict[str, str]:
    """Names of flows by id."""
    if not ids:
        return {}
    body = {"flows": {"id": {"any_": list(ids)}}, "limit": PAGE}
    flows = transport.request("POST", "/flows/filter", json=body).json()
    return {each["id"]: each["name"] for each in flows}


def amend(transport: Transport, deployment_id: str, **changes: Any) -> None:
    """Change fields of a deployment."""
    transport.request("PATCH", f"/deployments/{deployment_id}", json=changes)


def delete(transport: Transport, deployment_id: str) -> None:
    """Remove a deployment; runs that ended stay."""
    transport.request("DELETE", f"/deployments/{deployment_id}")


def pause(transport: Transport, deployment_id: str) -> None:
    """Hold all its schedules, until somebody resumes them."""
    transport.request("POST", f"/deployments/{deployment_id}/pause_deployment")


def resume(transport: Transport, deployment_id: str) -> None:
    """Make runs by its schedules again."""
    transport.request("POST", f"/deployments/{deployment_id}/resume_deployment")


def create_run(
    transport: Transport,
    deployment_id: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    **others: Any,
) -> dict[str, Any]:
    """A run of this deployment, due now if no state says otherwise."""
    body = {"parameters": dict(parameters or {}), **others}
    path = f"/deployments/{deployment_id}/create_flow_run"
    return cast("dict[str, Any]", transport.request("POST", path, json=body).json())
