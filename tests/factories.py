"""Rows with honest defaults: a run has the state rows that a real one would have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from concurrency.models import Limit
from core.actor import OWNER
from core.clock import now
from core.ids import uuid7
from deployments.models import Backfill, Deployment, Schedule
from deployments.scheduling import backfill as backfills
from deployments.scheduling.backfill import Span
from flows.models import Flow
from logs.models import Log
from runs.models import FlowRun, FlowRunState, Pulse, TaskRun, TaskRunState
from runs.orchestration.transition import Proposal, stamp
from runs.states import FINAL, StateType
from work_pools.models import Agent, Worker, WorkPool, WorkQueue

_number = count(1)


def name(kind: str) -> str:
    """A name nothing else has."""
    return f"{kind}-{next(_number)}"


# States


def scheduled(at: datetime | None = None, *, name: str = "Scheduled") -> Proposal:
    """Scheduled, due now unless told otherwise."""
    return Proposal("SCHEDULED", name, details={"scheduled_time": stamp(at or now())})


def late(by: timedelta = timedelta(minutes=1)) -> Proposal:
    """Scheduled for a moment that has passed."""
    return scheduled(now() - by, name="Late")


def pending() -> Proposal:
    """Claimed by somebody who has not started it."""
    return Proposal("PENDING", "Pending")


def running() -> Proposal:
    """Running."""
    return Proposal("RUNNING", "Running")


def completed() -> Proposal:
    """Ended well."""
    return Proposal("COMPLETED", "Completed")


def failed(message: str = "it broke") -> Proposal:
    """Ended with an exception."""
    return Proposal("FAILED", "Failed", message)


def crashed(message: str = "its process died") -> Proposal:
    """Ended without its own doing."""
    return Proposal("CRASHED", "Crashed", message)


def cancelling() -> Proposal:
    """Asked to stop."""
    return Proposal("CANCELLING", "Cancelling")


def cancelled() -> Proposal:
    """Stopped."""
    return Proposal("CANCELLED", "Cancelled")


def paused(within: timedelta = timedelta(minutes=5)) -> Proposal:
    """Waiting for somebody to resume it."""
    details = {"pause_timeout": stamp(now() + within), "pause_reschedule": False}
    return Proposal("PAUSED", "Paused", details=details)


STATES = {
    StateType.SCHEDULED: scheduled,
    StateType.PENDING: pending,
    StateType.RUNNING: running,
    StateType.COMPLETED: completed,
    StateType.FAILED: failed,
    StateType.CANCELLED: cancelled,
    StateType.CRASHED: crashed,
    StateType.PAUSED: paused,
    StateType.CANCELLING: cancelling,
}


# Runs


def flow(**columns: Any) -> Flow:
    """A flow."""
    return Flow.objects.create(**{"name": name("flow")} | columns)


def flow_run(
    state: Proposal | None = None, *, at: datetime | None = None, **columns: Any
) -> FlowRun:
    """A flow run in a state it reached at `at`; its flow is made if none is given."""
    if "flow" not in columns:
        deployment = columns.get("deployment")
        columns["flow"] = deployment.flow if deployment else flow()
    run = FlowRun(**{"name": name("flow-run")} | columns)
    return _in_state(run, FlowRunState(flow_run=run), state, at or now(), columns)


def task_run(
    state: Proposal | None = None, *, at: datetime | None = None, **columns: Any
) -> TaskRun:
    """A task run in a state; of a running flow run of its own if none is given."""
    columns.setdefault("flow_run", None)
    if columns["flow_run"] is None and not columns.pop("is_free", False):
        columns["flow_run"] = flow_run(running())
    key = {"name": name("task-run"), "task_key": "task", "dynamic_key": name("key")}
    run = TaskRun(**key | columns)
    return _in_state(run, TaskRunState(task_run=run), state, at or now(), columns)


def subflow_run(parent: FlowRun, state: Proposal | None = None) -> FlowRun:
    """A child run and the placeholder in its parent that mirrors it."""
    return flow_run(state, parent_task_run=task_run(state, flow_run=parent))


def _in_state(
    run: Any, row: Any, state: Proposal | None, at: datetime, columns: dict[str, Any]
) -> Any:
    """Save a run, the row of its state, and the times that a real one would have."""
    if state is not None:
        row.id, row.type, row.name = uuid7(), state.type, state.title
        row.timestamp, row.message, row.details = at, state.message, state.details
        run.state_id, run.state_type, run.state_name = row.id, row.type, row.name
        run.state_timestamp = at
        for column, value in _times(state, at).items():
            if column not in columns:
                setattr(run, column, value)
    run.save(force_insert=True)
    if state is not None:
        row.save(force_insert=True)
    return run


def _times(state: Proposal, at: datetime) -> dict[str, Any]:
    """Bookkeeping of a run that came to this state on the straight way."""
    if state.type == StateType.SCHEDULED:
        due = state.scheduled_time
        return {"expected_start_time": due, "next_scheduled_start_time": due}
    if state.type == StateType.PENDING:
        return {"expected_start_time": at}
    started = {"expected_start_time": at, "start_time": at, "run_count": 1}
    return started | {"end_time": at} if state.type in FINAL else started


def pulse(run: FlowRun, *, last_seen: datetime, interval: float = 10) -> Pulse:
    """A sign of life of a run."""
    return Pulse.objects.create(
        flow_run=run, last_seen=last_seen, interval_seconds=interval, source="test"
    )


def log(run: FlowRun, message: str = "a line", **columns: Any) -> Log:
    """A line of a flow run."""
    line = {"name": "orion.flow_runs", "level": 20, "timestamp": now()} | columns
    return Log.objects.create(flow_run_id=run.pk, message=message, **line)


# Deployments and where their runs go


def deployment(
    *, schedules: Sequence[dict[str, Any]] = (), **columns: Any
) -> Deployment:
    """A deployment; each of `schedules` is the JSON of one schedule."""
    columns.setdefault("flow", None)
    columns["flow"] = columns["flow"] or flow()
    made = Deployment.objects.create(**{"name": name("deployment")} | columns)
    for each in schedules:
        schedule(made, each)
    return made


def schedule(deployment: Deployment, shape: dict[str, Any], **columns: Any) -> Schedule:
    """A schedule such as `{"interval": 60}` or `{"cron": "0 9 * * *"}`."""
    return Schedule.objects.create(deployment=deployment, schedule=shape, **columns)


def backfill(deployment: Deployment, **fields: Any) -> Backfill:
    """A back-fill of the deployment's first schedule, of the last three hours."""
    schedule = deployment.schedules.order_by("created", "id")[0]
    span = {"start": now() - timedelta(hours=3), "end": now()} | fields
    wanted = Span(schedule_id=schedule.pk, **span)
    return backfills.start(deployment.pk, wanted, actor=OWNER, now=now())


def work_pool(**columns: Any) -> WorkPool:
    """A pool with its default queue."""
    kind = {"name": name("pool"), "type": "process"}
    pool = WorkPool.objects.create(**kind | columns)
    pool.default_queue = WorkQueue.objects.create(pool=pool, name="default")
    pool.save(update_fields=["default_queue"])
    return pool


def work_queue(pool: WorkPool | None = None, **columns: Any) -> WorkQueue:
    """A queue; of a pool of its own if none is given."""
    columns = {"name": name("queue")} | columns
    return WorkQueue.objects.create(pool=pool or work_pool(), **columns)


def worker(pool: WorkPool, **columns: Any) -> Worker:
    """A worker that was heard of just now."""
    heard = {"name": name("worker"), "last_heartbeat": now()}
    return Worker.objects.create(
        pool=pool, **heard | {"heartbeat_interval_seconds": 30.0} | columns
    )


def agent(**columns: Any) -> Agent:
    """One of our agents, heard of just now."""
    heard = {"name": name("agent"), "host": "localhost", "pid": 1}
    return Agent.objects.create(
        **heard | {"last_heartbeat": now(), "interval_seconds": 15.0} | columns
    )


def limit(slots: int = 1, **columns: Any) -> Limit:
    """A named limit."""
    return Limit.objects.create(**{"name": name("limit"), "limit": slots} | columns)


def tag_limit(tag: str, slots: int = 1) -> Limit:
    """At most `slots` running task runs with this tag."""
    return limit(slots, name=f"tag:{tag}")
