"""Policies for flow runs of 2.x clients."""

from __future__ import annotations

from runs.orchestration.policies.policy import Policy
from runs.orchestration.rules.cancelling import (
    CancelWithoutInfrastructure,
    StayCancelling2,
)
from runs.orchestration.rules.claims import RefuseLateStart, RefuseLostClaim
from runs.orchestration.rules.final import GuardFinalState2
from runs.orchestration.rules.late import OnlyScheduledRunsAreLate2
from runs.orchestration.rules.overdue import EndTimedOut
from runs.orchestration.rules.pausing import GuardPause, LeavePause2
from runs.orchestration.rules.pending import RefuseSecondPending2
from runs.orchestration.rules.repeats import RefuseRepeat
from runs.orchestration.rules.results import MarkUnknownResult
from runs.orchestration.rules.retries import RetryFailedFlow2, RetryLostRun
from runs.orchestration.rules.waiting import CopyScheduledTime, HoldUntilScheduledTime

FLOW_RUN_2 = Policy(
    "flow runs, 2.x clients",
    RefuseRepeat,
    GuardFinalState2,
    RefuseLateStart,
    StayCancelling2,
    EndTimedOut,
    CancelWithoutInfrastructure,
    RefuseLostClaim,
    RefuseSecondPending2,
    OnlyScheduledRunsAreLate2,
    GuardPause,
    LeavePause2,
    CopyScheduledTime,
    HoldUntilScheduledTime,
    RetryFailedFlow2,
    RetryLostRun,
)

FORCED_FLOW_RUN_2 = Policy(
    "flow runs, 2.x clients, forced",
    MarkUnknownResult,
    CancelWithoutInfrastructure,
    RetryLostRun,
    EndTimedOut,
)
