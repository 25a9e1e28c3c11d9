"""Rules about limits on task tags."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import StateValue, Transition
from runs.orchestration.verdicts import Abort, Verdict, Wait

_HOLDING = {StateType.RUNNING, StateType.CANCELLING}


def _never(tag: str) -> Abort:
    return Abort(
        f'The concurrency limit on tag "{tag}" is 0 and will deadlock if the task '
        "tries to run again."
    )


class TakeTagSlots2(Rule):
    """A running task holds one slot of every limit on its tags (2.x)."""

    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Verdict | None:
        """Wait for the first limit that is full."""
        for limit in t.facts.tag_limits():
            tag = limit.name.removeprefix("tag:")
            if limit.limit == 0:
                return _never(tag)
            if limit.in_use >= limit.limit and not limit.is_mine:
                return Wait(
                    t.facts.tag_wait(),
                    f"Concurrency limit for the {tag} tag has been reached",
                )
        return None

    def settle(self, t: Transition, state: StateValue) -> None:
        """Take the slots."""
        if t.run.tags:
            t.facts.take_tag_slots()


class TakeTagSlots3(TakeTagSlots2):
    """3.x: all limits at once, and every full one is named."""

    def decide(self, t: Transition) -> Verdict | None:
        """Wait while any limit is full."""
        full = []
        for limit in t.facts.tag_limits():
            tag = limit.name.removeprefix("tag:")
            if limit.limit == 0:
                return _never(tag)
            if limit.in_use >= limit.limit and not limit.is_mine:
                full.append(tag)
        if not full:
            return None
        return Wait(
            t.facts.tag_wait(),
            f"Concurrency limit reached for tags: {', '.join(full)}",
        )


class ReleaseTagSlots(Rule):
    """A task that stopped running gives its slots back."""

    universal: ClassVar = True

    def settle(self, t: Transition, state: StateValue) -> None:
        """Give them back."""
        if state.type not in _HOLDING and t.from_type is not None:
            t.facts.release_tag_slots()
