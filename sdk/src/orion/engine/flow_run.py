"""Flow calls: in place, awaited, or as a run that the server has made."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orion.context import FlowRunContext, RunContext, current, current_tags
from orion.engine import aio, sync
from orion.engine.asking import retry_policy
from orion.engine.flow_machine import flow_machine
from orion.engine.names import rendered
from orion.engine.params import bind, bind_mapping, shown, validate_bound
from orion.engine.resolve import Found, find, substitute
from orion.engine.retries import delay_after
from orion.engine.runs import FlowRun, TaskRun
from orion.engine.task_run import raised, value_of
from orion.engine.tracking import Tracked
from orion.exceptions import OrionError, SignatureMismatchError, TerminationSignal
from orion.logs import prepare_logging
from orion.report.reporter import Reporter, open_reporter, use_reporter
from orion.states import State

if TYPE_CHECKING:
    import inspect

    from orion.engine.effects import Machine
    from orion.flows import Flow
    from orion.report.reporter import Sender


def call(flow: Flow[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run it in this thread; the value, the exception, or on request the state."""
    wants_state = kwargs.pop("return_state", False)
    state = call_for_state(flow, args, kwargs)
    return state if wants_state else state.result()


def call_for_state(
    flow: Flow[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> State[Any]:
    """Run it in this thread; what is no ordinary error is raised even here."""
    machine, ctx = _prepare(flow, bind(flow, args, kwargs))
    return raised(_run(machine, ctx))


async def acall(
    flow: Flow[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Run it in this loop; the value, the exception, or on request the state."""
    wants_state = kwargs.pop("return_state", False)
    state = await acall_for_state(flow, args, kwargs)
    return state if wants_state else state.result()


async def acall_for_state(
    flow: Flow[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> State[Any]:
    """Run it in this loop; what is no ordinary error is raised even here."""
    machine, ctx = _prepare(flow, bind(flow, args, kwargs))
    return raised(await _arun(machine, ctx))


def execute_flow_run(
    flow: Flow[..., Any],
    *,
    flow_run: Mapping[str, Any],
    parameters: Mapping[str, Any],
    transport: Sender,
) -> State[Any]:
    """Run a run that the server knows already; its final state, or what stopped it."""
    from orion.report.classic import ClassicReporter
    from orion.settings import reload

    reload()  # the working folder may have its own orion.toml
    use_reporter(ClassicReporter(transport))
    problem: SignatureMismatchError | None = None
    try:
        bound = bind_mapping(flow, parameters)
    except SignatureMismatchError as error:
        bound, problem = flow.signature.bind_partial(), error
    machine, ctx = _prepare(flow, bound, existing=flow_run, problem=problem)
    if not flow.isasync:
        return raised(_run(machine, ctx))
    import asyncio

    return raised(asyncio.run(_arun(machine, ctx)))


def _run(machine: Machine, ctx: FlowRunContext) -> State[Any]:
    try:
        with _signals(ctx):
            return sync.run(machine)
    finally:
        _close(ctx)


async def _arun(machine: Machine, ctx: FlowRunContext) -> State[Any]:
    import asyncio

    try:
        with _loop_signals(ctx):
            return await aio.run(machine)
    finally:
        if ctx.reporter.is_offline:
            _close(ctx)
        else:
            await asyncio.to_thread(_close, ctx)


def _close(ctx: FlowRunContext) -> None:
    """Let threads go; the outermost flow waits until everything has arrived."""
    _say_end(ctx)
    if ctx.runner is not None:
        ctx.runner.close()
    if ctx.parent is None:
        ctx.reporter.drain()


def _say_end(ctx: FlowRunContext) -> None:
    state = ctx.run.state
    if state is None:
        return
    name = ctx.run.name
    if state.is_failed() or state.is_crashed():
        has_trace = isinstance(state.data, BaseException)
        is_ours = isinstance(state.data, OrionError)  # says all in its message
        error = state.data if has_trace and not is_ours else None
        ctx.logger.error(
            "Run %r ended: %s (%s)", name, state.name, state.message, exc_info=error
        )
    else:
        ctx.logger.info("Run %r ended: %s", name, state.name)


def _prepare(
    flow: Flow[..., Any],
    bound: inspect.BoundArguments,
    *,
    existing: Mapping[str, Any] | None = None,
    problem: Exception | None = None,
) -> tuple[Machine, FlowRunContext]:
    """The machine of one call and its context."""
    parent = current.get()
    reporter = parent.reporter if parent else open_reporter()
    prepare_logging(reporter)
    run = _new_run(flow) if existing is None else _known_run(flow, existing)
    inherited = parent.log_prints if parent else False
    prints = inherited if flow.log_prints is None else flow.log_prints
    ctx = FlowRunContext(flow, run, reporter, parent=parent, log_prints=prints)
    ctx.bound, ctx.tracked = bound, Tracked()
    sources: list[Found] = []
    for value in bound.arguments.values():
        sources.extend(find(value)[0])
    fill = _filling(ctx, bound, has_sources=bool(sources), problem=problem)
    create = _creation(ctx, reporter, parent, is_existing=existing is not None)
    return flow_machine(ctx, sources, fill, create), ctx


def _filling(
    ctx: FlowRunContext,
    bound: inspect.BoundArguments,
    *,
    has_sources: bool,
    problem: Exception | None,
) -> Callable[[], None]:
    """Puts values in place of futures, validates, and names the run."""

    def fill() -> None:
        flow, run = ctx.flow, ctx.run
        if problem is not None:
            raise problem
        if has_sources:
            for name, value in bound.arguments.items():
                bound.arguments[name] = substitute(value, value_of)
        try:
            if flow.validate_parameters:
                validate_bound(flow, bound)
        finally:
            bound.apply_defaults()
            ctx.parameters = dict(bound.arguments)
            run.parameters = shown(flow, ctx.parameters)
        if flow.flow_run_name is not None:
            facts = {"flow_name": flow.name, "ctx": ctx}
            run.name = rendered(flow.flow_run_name, ctx.parameters, facts) or run.name

    return fill


def _creation(
    ctx: FlowRunContext,
    reporter: Reporter,
    parent: RunContext | None,
    *,
    is_existing: bool,
) -> Callable[[], None]:
    placeholder = None
    outer = parent.flow_context if parent else None
    if parent is not None and outer is not None:
        placeholder = _placeholder(ctx, parent, outer)
        ctx.run.parent_flow_run_id = outer.run.id
        ctx.run.root_flow_run_id = outer.run.root_flow_run_id or outer.run.id

    def create() -> None:
        if is_existing:
            reporter.adopt_flow_run(ctx.run)
        else:
            reporter.create_flow_run(ctx.run, placeholder)
        ctx.logger.info("Run %r of flow %r begins", ctx.run.name, ctx.flow.name)

    return create


def _placeholder(
    ctx: FlowRunContext, parent: RunContext, outer: FlowRunContext
) -> TaskRun:
    """The task run in the parent that shows the subflow's state."""
    key = f"{ctx.flow.__module__}.{ctx.flow.__qualname__}"
    number = outer.count(key)
    run = TaskRun(ctx.flow.name, key, str(number), flow_run_id=outer.run.id)
    run.id = outer.task_ids.setdefault((key, number), run.id)
    run.name = f"{ctx.flow.name}-{run.id.hex[-3:]}"
    run.tags = ctx.run.tags
    if parent is not outer:
        link = {"input_type": "task_run", "id": str(parent.run.id)}
        run.task_inputs = {"called_by": [link]}
    return run


def _new_run(flow: Flow[..., Any]) -> FlowRun:
    run = FlowRun(flow.name, tags=flow.tags | current_tags())
    _describe(flow, run)
    return run


def _known_run(flow: Flow[..., Any], body: Mapping[str, Any]) -> FlowRun:
    """The record of a run that the server has made."""
    run = FlowRun(flow.name, id=UUID(str(body["id"])), name=body["name"])
    run.run_count = body.get("run_count") or 0
    run.tags = frozenset(body.get("tags") or ())
    for field in ("flow_id", "deployment_id", "parent_task_run_id"):
        if body.get(field):
            setattr(run, field, UUID(str(body[field])))
    run.work_queue_name = body.get("work_queue_name")
    run.work_pool_name = body.get("work_pool_name")
    run.parameters = dict(body.get("parameters") or {})
    due = body.get("expected_start_time")
    run.scheduled_start_time = datetime.fromisoformat(due) if due else None
    _describe(flow, run)
    kept = {k: v for k, v in (body.get("empirical_policy") or {}).items() if v}
    run.empirical_policy = {**kept, **run.empirical_policy}
    return run


def _describe(flow: Flow[..., Any], run: FlowRun) -> None:
    run.flow_version = flow.version
    if flow.retry_limit:
        first = delay_after(
            1, delays=flow.retry_delays, retries=flow.retry_limit, jitter_factor=None
        )
        run.empirical_policy = retry_policy(flow.retry_limit, first)


@contextlib.contextmanager
def _signals(ctx: FlowRunContext) -> Iterator[None]:
    """While the outermost flow runs in the main thread, SIGTERM ends it in order."""
    is_main = threading.current_thread() is threading.main_thread()
    if ctx.parent is not None or not is_main:
        yield
        return
    before = signal.getsignal(signal.SIGTERM)

    def end(number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a second one ends at once
        ctx.cancel_requested = True
        raise TerminationSignal(number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@contextlib.contextmanager
def _loop_signals(ctx: FlowRunContext) -> Iterator[None]:
    """The same for a flow in an event loop: its task is cancelled."""
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    is_main = threading.current_thread() is threading.main_thread()
    if ctx.parent is not None or not is_main or task is None:
        yield
        return

    def end() -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        ctx.cancel_requested = True
        ctx.stopped = TerminationSignal(signal.SIGTERM)
        task.cancel()

    try:
        loop.add_signal_handler(signal.SIGTERM, end)
    except NotImplementedError:  # Windows loops have none
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
