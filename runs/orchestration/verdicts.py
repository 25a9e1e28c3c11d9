"""What a rule can say about a proposal. Saying nothing accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runs.orchestration.transition import Proposal


@dataclass(frozen=True, slots=True)
class Reject:
    """Refused; `instead` is written in its place, without it nothing is."""

    reason: str
    instead: Proposal | None = None

    status = "REJECT"


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: ask again after `delay_seconds`."""

    delay_seconds: int
    reason: str

    status = "WAIT"


@dataclass(frozen=True, slots=True)
class Abort:
    """Refused for good: the proposer stops."""

    reason: str

    status = "ABORT"


Verdict = Reject | Wait | Abort
