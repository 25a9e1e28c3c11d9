"""The shell for `async def`: drives a machine in a task of the running loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orion.engine.effects import Machine
    from orion.states import State


async def run(machine: Machine) -> State[Any]:
    """Perform each effect and hand back its outcome until the machine ends."""
    outcome: Any = None
    error: BaseException | None = None
    while True:
        try:
            effect = machine.throw(error) if error else machine.send(outcome)
        except StopIteration as end:
            state: State[Any] = end.value
            return state
        outcome = error = None
        try:
            outcome = await effect.aperform()
        except BaseException as problem:
            error = problem
