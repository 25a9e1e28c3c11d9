"""Rules about results that can stand in for a run."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Proposal, StateValue, Transition
from runs.orchestration.verdicts import Reject
from runs.states import CACHED

_LONGEST = 2000


class ReadCache(Rule):
    """A task whose result is in the cache does not run."""

    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Reject | None:
        """Answer with a copy of the stored state."""
        key = t.to.details.get("cache_key")
        if not key or t.to.details.get("refresh_cache"):
            return None
        hit = t.facts.cached_state(key)
        if hit is None:
            return None
        return Reject(
            "Retrieved state from cache",
            Proposal(hit.type, CACHED, hit.message, hit.data, dict(hit.details)),
        )


class WriteCache2(Rule):
    """A completed task fills the cache under its key."""

    entering: ClassVar = {StateType.COMPLETED}

    def settle(self, t: Transition, state: StateValue) -> None:
        """Store the key."""
        key = state.details.get("cache_key")
        if key:
            t.facts.remember_result(key, state)


class WriteCache3(WriteCache2):
    """3.x: keys have a longest length."""

    def decide(self, t: Transition) -> Reject | None:
        """Complete the run, but say that its key is too long."""
        key = t.to.details.get("cache_key")
        if key and len(key) > _LONGEST:
            return Reject(
                f"Cache key exceeded maximum allowed length of {_LONGEST} characters.",
                t.to,
            )
        return None

    def settle(self, t: Transition, state: StateValue) -> None:
        """Store a key of legal length."""
        if len(state.details.get("cache_key") or "") <= _LONGEST:
            super().settle(t, state)
