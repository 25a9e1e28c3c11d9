"""Deployments in code: describe one, serve it from here, run one of the server's."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from orion.client import deployments as wire
from orion.client import flow_runs
from orion.client.deployments import Deployment
from orion.client.transport import Transport, configured
from orion.context import current
from orion.engine.runs import FlowRun
from orion.schedules import Cron, Interval, RRule, Schedule
from orion.settings import settings
from orion.states import State

if TYPE_CHECKING:
    from types import FrameType

    from orion.flows import Flow
    from orion.worker.agent import Agent

LONGEST_NAME = 60


def to_deployment(
    flow: Flow[..., Any],
    name: str,
    *,
    schedules: Sequence[Schedule] = (),
    cron: str | None = None,
    interval: float | timedelta | None = None,
    rrule: str | None = None,
    timezone: str | None = "UTC",
    anchor_date: datetime | None = None,
    **options: Any,
) -> Deployment:
    """A flow with how it is to be run, as plain data; `apply()` tells the server.

    `options` are the other fields of `Deployment`. The agent finds the code in the
    folder that is current now.

    Raises:
        TypeError: an option is not known.
    """
    shorthand: list[Schedule] = []
    if cron is not None:
        shorthand.append(Cron(cron, timezone))
    if interval is not None:
        shorthand.append(Interval(interval, anchor_date, timezone))
    if rrule is not None:
        shorthand.append(RRule(rrule, timezone))
    return wire.of_flow(
        flow,
        name,
        entrypoint=flow.entrypoint,
        folder=Path.cwd(),
        schedules=[*schedules, *shorthand],
        **options,
    )


def serve(
    *deployments: Deployment,
    limit: int | None = None,
    pause_on_shutdown: bool = True,
    transport: Transport | None = None,
) -> int:
    """Tell the server of these deployments and run what is due, here, until stopped.

    Each run is a process of its own. SIGTERM or Ctrl-C: take nothing new, wait for the
    runs; with `pause_on_shutdown` the server makes no further runs by schedule until
    the flow is served again. Returns 0 after a clean end.

    Raises:
        ApiUnreachable: no API address is configured.
        ValueError: nothing is to be served, or a deployment names a pool or a queue.
    """
    if not deployments:
        raise ValueError("serve() wants at least one deployment, such as f.serve()'s")
    for each in deployments:
        if each.work_pool or each.work_queue:
            raise ValueError(
                f"{each.name!r} belongs to a work pool or queue, whose agents run it: "
                "leave both out to serve it here, or use deploy()"
            )
    api = transport or configured()
    with _until_signalled() as stop:
        ids = [each.apply(api, is_served=True)["id"] for each in deployments]
        try:
            agent = _agent(api, ids, deployments, limit)
            stop.pass_on_to(agent)
            return agent.run()
        finally:
            if pause_on_shutdown:
                for id in ids:
                    wire.amend(api, id, paused=True)


def run_deployment(
    name: str | UUID,
    *,
    parameters: Mapping[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    timeout: float | None = None,
    poll_interval: float = 5.0,
    tags: Sequence[str] = (),
    idempotency_key: str | None = None,
    as_subflow: bool = True,
    job_variables: Mapping[str, Any] | None = None,
    transport: Transport | None = None,
) -> FlowRun:
    """Start a run of a deployment (`flow/deployment`, or its id) and wait for its end.

    After `timeout` seconds the run is returned as it is then; 0 does not wait. Inside
    of a flow it is a subflow of that run, unless `as_subflow` is False.

    Raises:
        HTTPStatusError: the server refuses: no such deployment, parameters that do not
            fit its schema.
    """
    api = transport or configured()
    found = _read(api, name)
    body: dict[str, Any] = {
        "parameters": dict(parameters or {}),
        "tags": list(tags),
        "state": _scheduled(scheduled_time or datetime.now(UTC)),
    }
    if idempotency_key is not None:
        body["idempotency_key"] = idempotency_key
    if job_variables:
        body["job_variables"] = dict(job_variables)
    around = current.get() if as_subflow else None
    outer = around.flow_context if around is not None else None
    if outer is not None and not outer.reporter.is_offline:
        key = idempotency_key or str(uuid4())
        body["parent_task_run_id"] = _placeholder(api, str(outer.run.id), found, key)
        body.setdefault("idempotency_key", key)
    run = wire.create_run(api, found["id"], **body)
    until = None if timeout is None else time.monotonic() + timeout
    while run["state"]["type"] not in flow_runs.FINAL:
        rest = poll_interval if until is None else until - time.monotonic()
        if rest <= 0:
            break
        time.sleep(min(rest, poll_interval))
        run = flow_runs.read(api, run["id"])
    return _shown(run, found)


async def arun_deployment(name: str | UUID, **options: Any) -> FlowRun:
    """As `run_deployment`, without blocking the loop."""
    import asyncio

    return await asyncio.to_thread(run_deployment, name, **options)


class _Stop:
    """Remembers a signal that comes before there is an agent to stop."""

    def __init__(self) -> None:
        self._agent: Agent | None = None
        self._calls = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._calls += 1
        if self._agent is not None:
            self._agent.stop()

    def pass_on_to(self, agent: Agent) -> None:
        """Stop this agent, also for the signals that came before."""
        self._agent = agent
        for _ in range(self._calls):
            agent.stop()


@contextlib.contextmanager
def _until_signalled() -> Iterator[_Stop]:
    """SIGTERM and SIGINT stop the agent; outside of the main thread nothing does."""
    stop = _Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _agent(
    api: Transport, ids: list[str], served: Sequence[Deployment], limit: int | None
) -> Agent:
    from orion.worker.agent import Agent, Options

    chosen = settings()
    names = "-".join(each.name for each in served)[:LONGEST_NAME]
    return Agent(
        api,
        Options(
            deployments=ids,
            queues=(f"serve-{names}",),
            limit=limit,
            prefetch=chosen.agent.prefetch_seconds,
            poll_interval=chosen.agent.poll_interval,
            heartbeat=chosen.agent.heartbeat_seconds,
            grace=chosen.cancellation.grace_seconds,
            drain=chosen.agent.drain_seconds,
            home=chosen.home,
        ),
    )


def _read(api: Transport, name: str | UUID) -> dict[str, Any]:
    text = str(name)
    return wire.read_by_name(api, text) if "/" in text else wire.read(api, text)


def _scheduled(due: datetime) -> dict[str, Any]:
    moment = due if due.tzinfo else due.astimezone()
    details = {"scheduled_time": moment.isoformat()}
    return {"type": "SCHEDULED", "name": "Scheduled", "state_details": details}


def _placeholder(
    api: Transport, flow_run_id: str, deployment: Mapping[str, Any], key: str
) -> str:
    """The task run in the parent that shows the state of the run elsewhere."""
    body = {
        "name": deployment["name"],
        "task_key": f"run-deployment {deployment['id']}",
        "dynamic_key": key,
        "flow_run_id": flow_run_id,
        "state": {"type": "PENDING", "name": "Pending"},
    }
    answer = api.request("POST", "/task_runs/", json=body)
    return str(answer.json()["id"])


def _shown(run: Mapping[str, Any], deployment: Mapping[str, Any]) -> FlowRun:
    state = run["state"]
    return FlowRun(
        flow_name=str(run.get("flow_name") or deployment.get("flow_name") or ""),
        id=UUID(run["id"]),
        name=run["name"],
        flow_id=UUID(run["flow_id"]),
        parameters=dict(run.get("parameters") or {}),
        tags=frozenset(run.get("tags") or ()),
        run_count=run.get("run_count") or 0,
        deployment_id=UUID(deployment["id"]),
        state=State(state["type"], state["name"], message=state.get("message")),
    )
