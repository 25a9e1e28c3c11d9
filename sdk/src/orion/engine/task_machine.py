"""The state machine of a task run: it yields effects and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from orion.context import TaskRunContext
from orion.engine.asking import (
    enter,
    first_failure,
    gate,
    retry_delay,
    running,
    say_retry,
    upstream_error,
)
from orion.engine.effects import Await, Call, Effect, Hooks, Report, Sleep
from orion.engine.final_state import is_of_states, state_of_returned
from orion.engine.outcomes import state_of_error, state_of_value
from orion.exceptions import TaskRunTimeoutError
from orion.states import AwaitingRetry, Pending, Retrying, Running, State

if TYPE_CHECKING:
    from orion.engine.caching import Cache
    from orion.engine.effects import Machine
    from orion.engine.resolve import Found


def task_machine(
    ctx: TaskRunContext,
    sources: Sequence[Found],
    fill: Callable[[], None],
    cache: Cache | None,
) -> Machine:
    """One task run from its inputs to its final state."""
    if sources:
        yield Await(f.source for f in sources if not isinstance(f.source, State))
        blocked = first_failure(sources)
        if blocked is not None:
            return (yield from _not_ready(ctx, blocked))
    known: State[Any] | None = None
    try:
        fill()
        if cache is not None:
            known = yield cache.look_up()
    except Exception as problem:
        known = state_of_error(problem)
    if known is not None:
        yield Report(partial(ctx.reporter.begin_task, ctx.run, known))
        return (yield from _ended(ctx, known))
    other = yield from _start_task(ctx)
    if other is not None:
        return (yield from _ended(ctx, other))
    return (yield from _task_attempts(ctx, cache))


def _task_attempts(ctx: TaskRunContext, cache: Cache | None) -> Machine:
    task, run = ctx.task, ctx.run
    while True:
        yield from running(ctx)
        error: BaseException | None = None
        try:
            value = yield _body_of_task(ctx)
            if is_of_states(value):
                state = yield from state_of_returned(value)
            else:
                state = state_of_value(value)
            if cache is not None and state.is_completed():
                yield cache.keep(state)
        except GeneratorExit:
            raise
        except BaseException as problem:
            error, state = problem, state_of_error(problem)
        delay = retry_delay(task, run, state, error, ctx.attempt)
        if delay is None and (state.is_failed() or state.is_crashed()):
            ctx.logger.error(
                "Ended: %s (%s)", state.name, state.message, exc_info=error
            )
        if delay is None:
            yield Report(partial(ctx.reporter.tell_task, run, state, is_last=True))
            return (yield from _ended(ctx, state))
        due = datetime.now(UTC) + timedelta(seconds=delay)
        again = AwaitingRetry(due, message=state.message)
        run.enter(again)
        yield Report(partial(ctx.reporter.tell_task, run, again, is_last=False))
        say_retry(ctx, state, delay)
        if delay > 0:
            yield Sleep(delay)
        other = yield from _restart_task(ctx)
        if other is not None:
            return (yield from _ended(ctx, other))


def _body_of_task(ctx: TaskRunContext) -> Call:
    limit = ctx.task.timeout_seconds

    def expired() -> TaskRunTimeoutError:
        return TaskRunTimeoutError(f"Task run exceeded its limit of {limit} seconds")

    return Call(
        ctx,
        ctx.task.fn,
        ctx.bound.args,
        ctx.bound.kwargs,
        timeout=limit,
        expired=expired,
    )


def _start_task(ctx: TaskRunContext) -> Generator[Effect, Any, State[Any] | None]:
    """Begin the first attempt; a state if the server decided otherwise."""
    run, reporter = ctx.run, ctx.reporter
    if not reporter.is_gated(run):
        state = Running()
        run.enter(state)
        yield Report(lambda: reporter.begin_task(run, state))
        return None
    pending = Pending()
    run.enter(pending)
    yield gate(ctx, lambda: reporter.create_task(run, pending))
    return (
        yield from enter(ctx, Running, lambda state: reporter.propose_task(run, state))
    )


def _restart_task(ctx: TaskRunContext) -> Generator[Effect, Any, State[Any] | None]:
    run, reporter = ctx.run, ctx.reporter
    if not reporter.is_gated(run):
        state = Retrying()
        run.enter(state)
        yield Report(lambda: reporter.tell_task(run, state, is_last=False))
        return None
    return (
        yield from enter(ctx, Retrying, lambda state: reporter.propose_task(run, state))
    )


def _not_ready(ctx: TaskRunContext, blocked: State[Any]) -> Machine:
    error = upstream_error(blocked)
    state = Pending(name="NotReady", message=str(error), data=error)
    ctx.run.enter(state)
    yield Report(lambda: ctx.reporter.begin_task(ctx.run, state))
    return state


def _ended(ctx: TaskRunContext, state: State[Any]) -> Machine:
    """Remember the final state, link the value, call the hooks."""
    ctx.run.enter(state)
    state.state_details["task_run_id"] = ctx.run.id
    flow = ctx.flow_context
    if flow is not None and flow.tracked is not None and state.is_completed():
        flow.tracked.made(state.data, ctx.run.id)
    hooks = ctx.task.hooks_of(state)
    if hooks:
        yield Hooks(ctx, hooks, (ctx.task, ctx.run, state))
    return state
