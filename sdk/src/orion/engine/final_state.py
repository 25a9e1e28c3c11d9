"""How the final state of a flow run follows from what its body returned."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from orion.engine.effects import Await, Effect
from orion.engine.outcomes import state_of_value
from orion.engine.resolve import find, substitute
from orion.futures import Future
from orion.states import CANCELLED, Cancelled, Completed, Failed, State

if TYPE_CHECKING:
    from orion.context import FlowRunContext

MOST_NAMES = 5


def final_state(ctx: FlowRunContext, value: Any) -> Generator[Effect, Any, State[Any]]:
    """A returned state decides; then returned futures; then failures nobody saw."""
    if isinstance(value, State):
        yield Await(_open(ctx))
        return value
    if is_of_states(value):
        return (yield from state_of_returned(value, _open(ctx)))
    yield Await(_open(ctx))
    failed = [each for each in ctx.futures if _has_failed(each)]
    if ctx.flow.final_state == "return" or value is not None:
        failed = [each for each in failed if not each._is_observed]
    if failed:
        return _of_unseen(failed)
    found, _ = find(value)
    if found:
        yield Await(f.source for f in found if isinstance(f.source, Future))
        value = substitute(value, _value_or_error)
    return state_of_value(value)


def state_of_returned(
    value: Any, rest: Sequence[Future[Any]] = ()
) -> Generator[Effect, Any, State[Any]]:
    """Futures and states that were returned decide together."""
    found, _ = find(value)
    returned = [f.source for f in found if isinstance(f.source, Future)]
    for each in returned:
        each._is_observed = True
    yield Await([*returned, *rest])
    states = [_state_of(f.source) for f in found]
    failed = [s for s in states if not s.is_completed() and s.type != CANCELLED]
    if failed:
        first = next((s.data for s in failed if isinstance(s.data, Exception)), None)
        message = f"{len(failed)}/{len(states)} states failed."
        return Failed(message=message, data=first)
    if any(s.is_cancelled() for s in states):
        return Cancelled(message="Some of the returned runs were cancelled")
    return Completed(data=substitute(value, _value_or_error))


def is_of_states(value: Any) -> bool:
    """True for a future, or a collection of nothing but futures and states."""
    if isinstance(value, Future):
        return True
    if isinstance(value, dict):
        value = list(value.values())
    return (
        isinstance(value, list | tuple | set)
        and len(value) > 0
        and all(isinstance(each, Future | State) for each in value)
    )


def _of_unseen(failed: list[Future[Any]]) -> State[Any]:
    names = ", ".join(each.name for each in failed[:MOST_NAMES])
    more = ", …" if len(failed) > MOST_NAMES else ""
    message = f"{len(failed)} unobserved task failure(s): {names}{more}"
    state = _state_of(failed[0])
    error = state.exception()
    if isinstance(error, Exception) and not failed[0]._is_observed:
        error.add_note(f"Nobody looked at this failure of {failed[0].name} in the flow")
    return Failed(message=message, data=error)


def _open(ctx: FlowRunContext) -> list[Future[Any]]:
    return [each for each in list(ctx.futures) if not each.done()]


def _has_failed(future: Future[Any]) -> bool:
    state = future._state
    return state is not None and not state.is_completed()


def _state_of(source: Future[Any] | State[Any]) -> State[Any]:
    if isinstance(source, State):
        return source
    assert source._state is not None  # noqa: S101 - it was waited for
    return source._state


def _value_or_error(source: Future[Any] | State[Any], _: bool) -> Any:
    return _state_of(source).result(raise_on_failure=False)
