"""What a rule is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from runs.states import FINAL, OPEN, StateType

if TYPE_CHECKING:
    from runs.orchestration.transition import StateValue, Transition
    from runs.orchestration.verdicts import Verdict

ANY: frozenset[str | None] = frozenset({None, *StateType})


class Rule:
    """One rule of a policy. Instances keep nothing: one serves every transition.

    `decide` writes nothing and reads the database through `t.facts` only. `settle`
    runs after the state was written, in the same transaction, and only if the types
    that the rule saw are still the ones that were written.
    """

    leaving: ClassVar[Collection[str | None]] = ANY
    entering: ClassVar[Collection[str | None]] = ANY
    universal: ClassVar[bool] = False  # sees every proposal, whatever the types became

    @property
    def name(self) -> str:
        """How decisions call the rule."""
        return type(self).__name__

    def decide(self, t: Transition) -> Verdict | None:
        """Judge the proposal; None accepts it as it is."""
        return None

    def settle(self, t: Transition, state: StateValue) -> None:
        """Do what follows from the written state."""


__all__ = ["ANY", "FINAL", "OPEN", "Rule", "StateType"]
