"""Which of our rules gives which reason: the numbers of the contract as names.

The contract names reasons, the house names rules; where one reason has two rules, the
client's generation or force decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A reason (as a pattern) with the rule that gives it, per generation.

    `contract` is the number of the rule in the tables for 2.x and 3.x clients.
    """

    contract: str
    kind: str  # of run: flow_runs, task_runs
    reason: str
    two: str | None
    three: str | None
    forced: str | None = None


ROWS = (
    Row(
        "F1 G2",
        "flow_runs",
        r"This run has already made this state transition\.",
        "RefuseRepeat",
        "RefuseRepeat",
    ),
    Row(
        "F2 G3",
        "flow_runs",
        r"Run is already (in terminal state \w+|COMPLETED)\.|Cannot reschedule a run "
        r"without an associated deployment\.",
        "GuardFinalState2",
        "GuardFinalState3",
    ),
    Row(
        "G3",
        "flow_runs",
        r"Cannot overwrite a COMPLETED state .*",
        None,
        "GuardFinalState3",
        "KeepPersistedResult",
    ),
    Row(
        "F3 G4",
        "flow_runs",
        r"Cannot transition flows that are cancelling to .*",
        "StayCancelling2",
        "StayCancelling3",
    ),
    Row(
        "F4 G5",
        "flow_runs",
        r"\w+ flow run has no infrastructure to terminate\.",
        "CancelWithoutInfrastructure",
        "CancelWithoutInfrastructure",
        "CancelWithoutInfrastructure",
    ),
    Row(
        "F5 G6",
        "flow_runs",
        r"This run is in a \w+ state and cannot transition to a PENDING state\.",
        "RefuseSecondPending2",
        "RefuseSecondPending3",
    ),
    Row(
        "G7",
        "flow_runs",
        r"Deployment concurrency limit reached after lease expiry\.",
        None,
        "ValidateLease",
    ),
    Row(
        "G8",
        "flow_runs",
        r"(Deployment|The deployment) concurrency limit (reached\.|is 0.*)",
        None,
        "TakeDeploymentSlot",
    ),
    Row(
        "F6 G10",
        "flow_runs",
        r"Only scheduled flows can be marked late\.|This flow run is already marked .*",
        "OnlyScheduledRunsAreLate2",
        "OnlyScheduledRunsAreLate3",
    ),
    Row(
        "F7 G11",
        "flow_runs",
        r"Cannot (pause|suspend) .*|This (pause|suspend) has already fired\.",
        "GuardPause",
        "GuardPause",
    ),
    Row(
        "F8 G12",
        "flow_runs",
        r"This run cannot transition to the StateType.*|Cannot reschedule a .* flow "
        r"run without a deployment\.|The flow run .* has timed out .*",
        "LeavePause2",
        "LeavePause3",
    ),
    Row(
        "F10 G14",
        "flow_runs",
        r"Scheduled time is in the future",
        "HoldUntilScheduledTime",
        "HoldUntilScheduledTime",
    ),
    Row("F11 G15", "flow_runs", r"Retrying", "RetryFailedFlow2", "RetryFailedFlow3"),
    Row(
        "section 10",
        "flow_runs",
        r"Cannot resume a flow run that is not paused\.|Error hydrating run input.*|"
        r"Run input schema .*|Reason: .*|Invalid schema: .*",
        "ResumeFlowRun",
        "ResumeFlowRun",
    ),
    Row("T1", "task_runs", r"Retrieved state from cache", "ReadCache", "ReadCache"),
    Row(
        "T2",
        "task_runs",
        r"Run is already \w+\.|This run is already completed\.",
        "GuardFinalTask",
        "GuardFinalTask",
    ),
    Row(
        "T3",
        "task_runs",
        r"The enclosing flow must be running .*|The flow is paused, .*",
        "RequireRunningFlow",
        "RequireRunningFlow",
    ),
    Row(
        "T4",
        "task_runs",
        r"(The c|C)oncurrency limit .*",
        "TakeTagSlots2",
        "TakeTagSlots3",
    ),
    Row(
        "T6",
        "task_runs",
        r"Scheduled time is in the future",
        "HoldUntilScheduledTime",
        "HoldUntilScheduledTime",
    ),
    Row("T7", "task_runs", r"Retrying", "RetryFailedTask", "RetryFailedTask"),
    Row("T10", "task_runs", r"Cache key exceeded .*", None, "WriteCache3"),
    Row(
        "background autonomous",
        "task_runs",
        r"This run is in a \w+ state and cannot transition to a PENDING state\.",
        "RefuseSecondPendingOfFreeTask",
        "RefuseSecondPending3",
        "RefuseSecondPending3",
    ),
)


def rule_for(kind: str, reason: str, *, generation: int, forced: bool) -> str | None:
    """The name of our rule, or nothing when no row knows the reason."""
    for row in ROWS:
        if row.kind == kind and re.fullmatch(row.reason, reason, re.DOTALL):
            if forced and row.forced:
                return row.forced
            return row.two if generation == 2 else row.three
    return None
