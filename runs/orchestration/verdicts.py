"""What a rule can say about a proposal. Saying nothing accepts it as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runs.orchestration.transition import Proposal


@dataclass(frozen=True, slots=True)
class Accept:
    """Accepted with changes: another wording of the proposal, fields of the run.

    `policy` is merged into the run's `empirical_policy`, the counts replace the run's.
    `columns` are other fields of the run. All are taken back when a later rule turns
    the run elsewhere. `afterwards` is merged into the policy once bookkeeping is done,
    and so does not count for it.
    """

    proposal: Proposal | None = None
    policy: dict[str, Any] | None = None
    run_count: int | None = None
    flow_run_run_count: int | None = None
    columns: dict[str, Any] | None = None
    afterwards: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Already:
    """This very transition is stored: accepted, nothing to write."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Refused; `instead` is written in its place, without it nothing is."""

    reason: str
    instead: Proposal | None = None
    policy: dict[str, Any] | None = None
    columns: dict[str, Any] | None = None
    afterwards: dict[str, Any] | None = None

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


Refusal = Reject | Wait | Abort
Verdict = Accept | Already | Refusal
