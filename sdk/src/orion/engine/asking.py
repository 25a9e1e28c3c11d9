"""What both machines share: asking to run, counting attempts, deciding on retries."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from orion.context import RunContext, TaskRunContext
from orion.engine.effects import Effect, Gate, Hooks, Sleep
from orion.engine.outcomes import describe
from orion.engine.retries import delay_after
from orion.exceptions import Abort, Retry, UpstreamTaskError
from orion.report.reporter import ABORT, ACCEPT, WAIT, Verdict
from orion.states import Cancelled, State

if TYPE_CHECKING:
    from orion.engine.resolve import Found
    from orion.flows import Flow
    from orion.tasks import Task

PAUSE_POLL = 10.0


def upstream_error(blocked: State[Any]) -> UpstreamTaskError:
    """Says which state of an upstream run stands in the way."""
    why = blocked.message or blocked.name
    error = UpstreamTaskError(f"An upstream run did not complete: {why}")
    error.__cause__ = blocked.exception()
    return error


def first_failure(sources: Sequence[Found]) -> State[Any] | None:
    for each in sources:
        source = each.source
        state = source if isinstance(source, State) else source._state
        has_failed = state is not None and state.has_ended and not state.is_completed()
        if has_failed and not each.is_failure_allowed:
            return state
    return None


def retry_policy(retries: int, delay: float | None) -> dict[str, Any]:
    """What the server is to know of retries; None as delay means: no more."""
    return {"retries": retries if delay is not None else 0, "retry_delay": delay or 0}


def enter(
    ctx: RunContext,
    make: Callable[[], State[Any]],
    propose: Callable[[State[Any]], Verdict],
) -> Generator[Effect, Any, State[Any] | None]:
    """Ask to run until the server agrees; a state if it says something final."""
    state = make()
    while True:
        verdict: Verdict = yield gate(ctx, partial(propose, state))
        if verdict.status == ACCEPT:
            ctx.run.enter(state)
            return None
        if verdict.status == WAIT:
            yield Sleep(verdict.delay)
            continue
        if verdict.status == ABORT or verdict.state is None:
            raise Abort(verdict.reason or "no reason given")
        adopted = verdict.state
        if adopted.is_cancelling():
            state = Cancelled(message="Cancelled before it started")
            yield gate(ctx, partial(propose, state))
            return state
        if adopted.has_ended:
            return adopted
        yield Sleep(seconds_until(adopted) if adopted.is_scheduled() else PAUSE_POLL)
        state = make()


def running(ctx: RunContext) -> Generator[Effect, Any, None]:
    """Count the attempt and call the hooks of its start."""
    run = ctx.run
    run.run_count += 1
    ctx.attempt = run.run_count
    ctx.start_time = ctx.start_time or datetime.now(UTC)
    state = run.state
    subject: Flow[..., Any] | Task[..., Any]
    subject = ctx.task if isinstance(ctx, TaskRunContext) else ctx.flow
    if state is not None and (hooks := subject.hooks_of(state)):
        yield Hooks(ctx, hooks, (subject, run, state))


def gate(ctx: RunContext, ask: Callable[[], Any]) -> Gate:
    return Gate(ask, is_instant=ctx.reporter.is_offline)


def seconds_until(state: State[Any]) -> float:
    """How long from the state's own time to its scheduled one: one clock, no skew."""
    due = state.scheduled_time
    return max(0.0, (due - state.timestamp).total_seconds()) if due else 0.0


def retry_delay(
    subject: Any, run: Any, state: State[Any], error: BaseException | None, attempt: int
) -> float | None:
    """Seconds until the next attempt, or None if there is none."""
    if not state.is_failed() or attempt > subject.retry_limit:
        return None
    if error is not None and not isinstance(error, Exception):
        return None
    if isinstance(error, Retry):
        if error.after is not None:
            return error.after
    elif not _may_retry(subject, run, state, error):
        return None
    return delay_after(
        attempt,
        delays=subject.retry_delays,
        retries=subject.retry_limit,
        jitter_factor=subject.retry_jitter_factor,
    )


def _may_retry(
    subject: Any, run: Any, state: State[Any], error: BaseException | None
) -> bool:
    kinds = getattr(subject, "retry_on", None)
    if kinds is not None and not isinstance(error, kinds):
        return False
    condition = subject.retry_condition_fn
    if condition is None:
        return True
    try:
        return bool(condition(subject, run, state))
    except Exception as problem:
        from orion.logs import get_logger

        get_logger("engine").warning(
            "%s is not retried: its retry condition raised %s",
            run.name,
            describe(problem),
        )
        return False


def say_retry(ctx: RunContext, state: State[Any], delay: float) -> None:
    limit = (
        ctx.task.retry_limit
        if isinstance(ctx, TaskRunContext)
        else (ctx.flow.retry_limit)
    )
    ctx.logger.warning(
        "Attempt %d of %d failed (%s); the next one starts in %g s",
        ctx.attempt,
        limit + 1,
        state.message,
        round(delay, 3),
    )
