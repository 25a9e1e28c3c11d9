"""Task calls: in place, awaited, or handed to a task runner."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orion.context import (
    FlowRunContext,
    TaskRunContext,
    current,
    current_tags,
)
from orion.engine import aio, sync
from orion.engine.caching import cache_of
from orion.engine.names import rendered
from orion.engine.params import bind, validate_bound
from orion.engine.resolve import Found, find, substitute
from orion.engine.runs import Inputs, TaskRun
from orion.engine.task_machine import task_machine
from orion.futures import Future
from orion.report.reporter import open_reporter
from orion.states import State

if TYPE_CHECKING:
    from orion.engine.effects import Machine
    from orion.task_runners.base import TaskRunner
    from orion.tasks import Task

_runner: TaskRunner | None = None  # of tasks that are submitted outside of any flow
_runner_lock = threading.Lock()


def call(task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run it in this thread; the value, the exception, or on request the state."""
    wants_state = kwargs.pop("return_state", False)
    state = call_for_state(task, args, kwargs)
    return state if wants_state else state.result()


def call_for_state(
    task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> State[Any]:
    """Run it in this thread; what is no ordinary error is raised even here."""
    return raised(sync.run(prepare(task, args, kwargs)[0]))


async def acall(
    task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Run it in this loop; the value, the exception, or on request the state."""
    wants_state = kwargs.pop("return_state", False)
    state = await acall_for_state(task, args, kwargs)
    return state if wants_state else state.result()


async def acall_for_state(
    task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> State[Any]:
    """Run it in this loop; what is no ordinary error is raised even here."""
    return raised(await aio.run(prepare(task, args, kwargs)[0]))


def raised(state: State[Any]) -> State[Any]:
    """Interrupts and exits pass through a request for the state."""
    if isinstance(state.data, BaseException) and not isinstance(state.data, Exception):
        raise state.data
    return state


def submit(
    task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Future[Any]:
    """Hand it to the flow's runner; what it needs is waited for without a worker."""
    wants_state = kwargs.pop("return_state", False)
    machine, ctx, sources = prepare(task, args, kwargs)
    future: Future[Any] = Future(task, ctx.run)
    flow = ctx.flow_context
    runner = runner_of(flow)
    before = [f.source for f in sources if isinstance(f.source, Future)]
    if flow is not None:
        _remember(flow, future)
    future._work = _work_of(machine, future, runner, flow)
    future._work.start(before)
    return future.wait() if wants_state else future  # type: ignore[return-value]


def _work_of(
    machine: Machine,
    future: Future[Any],
    runner: TaskRunner,
    flow: FlowRunContext | None,
) -> Any:
    from orion.engine.work import LoopWork, WorkItem

    if not future.task.isasync:
        return WorkItem(machine, future, runner)
    import asyncio

    loop = asyncio._get_running_loop()
    if loop is None or (flow is not None and not flow.flow.isasync):
        loop = runner.loop()
    return LoopWork(machine, future, runner, loop)


def _remember(flow: FlowRunContext, future: Future[Any]) -> None:
    """The flow waits for what it started; what completed need not be kept."""
    with flow.lock:
        flow.futures[future] = None

    def ended(each: Future[Any]) -> None:
        state = each._state
        if state is not None and state.is_completed():
            with flow.lock:
                flow.futures.pop(each, None)

    future._when_done(ended)


def runner_of(flow: FlowRunContext | None) -> TaskRunner:
    """The flow's task runner, opened on first need; outside of flows a shared one."""
    global _runner
    if flow is None:
        with _runner_lock:
            if _runner is None:
                from orion.task_runners.threads import ThreadPoolTaskRunner

                _runner = ThreadPoolTaskRunner()
            return _runner
    with flow.lock:
        if flow.runner is None:
            given = flow.flow.task_runner
            if given is None:
                from orion.task_runners.threads import ThreadPoolTaskRunner

                flow.runner = ThreadPoolTaskRunner()
            else:
                flow.runner = given.duplicate()
        return flow.runner


def prepare(
    task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Machine, TaskRunContext, list[Found]]:
    """The machine of one call, its context, and the futures it depends on."""
    wait_for = [*task._after, *_listed(kwargs.pop("wait_for", None))]
    bound = bind(task, args, kwargs)
    parent = current.get()
    flow = parent.flow_context if parent else None
    reporter = flow.reporter if flow else open_reporter()
    sources, inputs = _inputs_of(bound.arguments, wait_for, flow)
    run = _new_run(task, flow)
    run.task_inputs = inputs
    ctx = TaskRunContext(task, run, reporter, bound=bound, parent=parent)
    if flow is None:
        from orion.logs import prepare_logging

        prepare_logging(reporter)
    return _machine(ctx, sources), ctx, sources


def _machine(ctx: TaskRunContext, sources: list[Found]) -> Machine:
    """The task's machine, whose arguments are filled in once they are there."""
    needs_values = bool(sources) or any(
        _is_wrapped(each) for each in ctx.bound.arguments.values()
    )

    def fill() -> None:
        if needs_values:
            for name, value in ctx.bound.arguments.items():
                ctx.bound.arguments[name] = substitute(value, value_of)
        if ctx.task.validate_parameters:
            validate_bound(ctx.task, ctx.bound)
        _name(ctx)

    return task_machine(ctx, sources, fill, cache_of(ctx))


def _is_wrapped(value: Any) -> bool:
    from orion.annotations import Wrapper

    if isinstance(value, Wrapper):
        return True
    if isinstance(value, list | tuple):
        return any(isinstance(each, Wrapper) for each in value)
    return isinstance(value, dict) and any(
        isinstance(each, Wrapper) for each in value.values()
    )


def value_of(source: Future[Any] | State[Any], is_failure_allowed: bool) -> Any:
    """What takes the place of a future or state among the arguments."""
    state = source if isinstance(source, State) else source._state
    assert state is not None  # noqa: S101 - it was waited for
    return state.result(raise_on_failure=not is_failure_allowed)


def _inputs_of(
    arguments: Mapping[str, Any], wait_for: list[Any], flow: FlowRunContext | None
) -> tuple[list[Found], Inputs]:
    """What the call depends on, and the edges that are drawn from it."""
    sources: list[Found] = []
    inputs: Inputs = {}
    named = (
        [*arguments.items(), ("wait_for", wait_for)]
        if wait_for
        else [*arguments.items()]
    )
    for name, value in named:
        found, is_complete = find(value)
        if not is_complete:
            from orion.logs import get_logger

            get_logger("engine").warning(
                "The argument %s is too large to be searched for futures: "
                "wrap it in quote() if it holds none",
                name,
            )
        ids = [_run_id(each.source) for each in found]
        if not found and flow is not None and flow.tracked is not None:
            ids = [flow.tracked.maker(value), *_makers(flow, value)]
        inputs[name] = [
            {"input_type": "task_run", "id": str(each)}
            for each in dict.fromkeys(ids)
            if each is not None
        ]
        for each in found:
            if isinstance(each.source, Future):
                each.source._is_observed = True
        sources.extend(found)
    return sources, inputs


def _makers(flow: FlowRunContext, value: Any) -> list[Any]:
    """Runs that made the members of a plain list."""
    if flow.tracked is None or not isinstance(value, list | tuple):
        return []
    return [flow.tracked.maker(each) for each in value]


def _run_id(source: Future[Any] | State[Any]) -> Any:
    if isinstance(source, Future):
        return source.task_run_id
    return source.state_details.get("task_run_id")


def _new_run(task: Task[..., Any], flow: FlowRunContext | None) -> TaskRun:
    tags = task.tags | current_tags()
    key = task.task_key
    if flow is None:
        run = TaskRun(task.name, key, secrets.token_hex(8), tags=tags)
    else:
        number = flow.count(key)
        run = TaskRun(task.name, key, str(number), tags=tags)
        run.flow_run_id = flow.run.id
        if flow.flow.retry_limit:  # another attempt goes on with the same runs
            run.id = flow.task_ids.setdefault((key, number), run.id)
    run.retries = task.retry_limit
    run.name = f"{task.name}-{run.id.hex[-3:]}"
    return run


def _name(ctx: TaskRunContext) -> None:
    template = ctx.task.task_run_name
    if template is None:
        return
    flow = ctx.flow_context
    facts = {"task_name": ctx.task.name, "ctx": ctx}
    if flow is not None:
        facts |= {"flow_name": flow.flow.name, "flow_run_name": flow.run.name}
    ctx.run.name = rendered(template, ctx.parameters, facts) or ctx.run.name


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]
