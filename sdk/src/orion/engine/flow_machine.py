"""The state machine of a flow run: it yields effects and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from orion.context import FlowRunContext
from orion.engine.asking import (
    enter,
    first_failure,
    gate,
    retry_delay,
    retry_policy,
    running,
    say_retry,
    seconds_until,
    upstream_error,
)
from orion.engine.effects import Await, Call, Effect, Hooks, Sleep
from orion.engine.final_state import final_state
from orion.engine.outcomes import state_of_error
from orion.exceptions import FlowRunTimeoutError
from orion.report.reporter import ABORT, ACCEPT, WAIT, Verdict
from orion.states import Cancelled, Failed, Retrying, Running, State

if TYPE_CHECKING:
    from orion.engine.effects import Machine
    from orion.engine.resolve import Found

STOP_GRACE = 3.0


def flow_machine(
    ctx: FlowRunContext,
    sources: Sequence[Found],
    fill: Callable[[], None],
    create: Callable[[], None],
) -> Machine:
    """One flow run from its first state to its final one."""
    problem: Exception | None = None
    yield Await(f.source for f in sources if not isinstance(f.source, State))
    try:
        blocked = first_failure(sources)
        if blocked is not None:
            raise upstream_error(blocked)
        fill()
    except Exception as error:
        problem = error
    yield gate(ctx, create)
    if problem is not None:
        state = Failed(message=str(problem), data=problem)
        return (yield from _propose_end(ctx, state, None))
    other = yield from _enter_flow(ctx, Running)
    while other is None:
        yield from running(ctx)
        failure: BaseException | None = None
        try:
            value = yield _body_of_flow(ctx)
            state = yield from final_state(ctx, value)
        except GeneratorExit:
            raise
        except BaseException as raised:
            failure = ctx.stopped or raised
            state = state_of_error(failure)
            yield from _wait_for_rest(ctx, failure)
        delay = retry_delay(ctx.flow, ctx.run, state, failure, ctx.attempt)
        state = yield from _propose_end(ctx, state, delay)
        if state.has_ended or not state.is_scheduled():
            return state
        again = max(delay or 0.0, seconds_until(state))
        say_retry(ctx, state, again)
        if again > 0:
            yield Sleep(again)
        ctx.forget_attempt()
        other = yield from _enter_flow(ctx, Retrying)
    ctx.run.enter(other)
    return other


def _body_of_flow(ctx: FlowRunContext) -> Call:
    limit = ctx.flow.timeout_seconds
    assert ctx.bound is not None  # noqa: S101 - set before the machine starts

    def expired() -> FlowRunTimeoutError:
        return FlowRunTimeoutError(f"Flow run exceeded its limit of {limit} seconds")

    return Call(
        ctx,
        ctx.flow.fn,
        ctx.bound.args,
        ctx.bound.kwargs,
        timeout=limit,
        expired=expired,
    )


def _wait_for_rest(
    ctx: FlowRunContext, error: BaseException
) -> Generator[Effect, Any, None]:
    """After an exception: give up what has not started, wait for what has."""
    is_stop = not isinstance(error, Exception)
    for each in list(ctx.futures):
        each._is_observed = True
        if not each.done() and not each.cancel() and is_stop and each._work:
            each._work.stop(error)
    rest = [each for each in ctx.futures if not each.done()]
    yield Await(rest, timeout=STOP_GRACE if is_stop else None)


def _propose_end(
    ctx: FlowRunContext, state: State[Any], delay: float | None
) -> Machine:
    """Tell everything, then ask whether the run may end like this."""
    run, reporter = ctx.run, ctx.reporter
    if state.is_failed() and ctx.attempt <= ctx.flow.retry_limit:
        run.empirical_policy = retry_policy(ctx.flow.retry_limit, delay)
    yield gate(ctx, lambda: reporter.settle(run))
    while True:
        verdict: Verdict = yield gate(ctx, partial(reporter.propose_flow, run, state))
        if verdict.status == WAIT:
            yield Sleep(verdict.delay)
            continue
        found = verdict.state
        is_settled = verdict.status in (ACCEPT, ABORT)
        if is_settled or found is None or found.type == state.type:
            adopted = state
        elif found.is_cancelling() and not state.is_cancelled():
            state = Cancelled(message="Cancelled while it was ending", data=state.data)
            continue
        else:
            adopted = found
        break
    run.enter(adopted)
    if adopted.has_ended:
        hooks = ctx.flow.hooks_of(adopted)
        if hooks:
            yield Hooks(ctx, hooks, (ctx.flow, run, adopted))
    return adopted


def _enter_flow(
    ctx: FlowRunContext, name: Callable[[], State[Any]]
) -> Generator[Effect, Any, State[Any] | None]:
    def propose(state: State[Any]) -> Verdict:
        return ctx.reporter.propose_flow(ctx.run, state)

    return (yield from enter(ctx, name, propose))
