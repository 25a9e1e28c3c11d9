"""Policies for flow runs of 3.x clients, and of everybody else."""

from __future__ import annotations

from runs.orchestration.policies.policy import Policy
from runs.orchestration.rules.cancelling import (
    CancelWithoutInfrastructure,
    StayCancelling3,
)
from runs.orchestration.rules.claims import RefuseLateStart, RefuseLostClaim
from runs.orchestration.rules.deployment_slots import (
    DropLeaseOfOldClients,
    KeepLease,
    ReleaseDeploymentSlot,
    TakeDeploymentSlot,
    ValidateLease,
)
from runs.orchestration.rules.final import GuardFinalState3, KeepPersistedResult
from runs.orchestration.rules.late import OnlyScheduledRunsAreLate3
from runs.orchestration.rules.overdue import EndTimedOut
from runs.orchestration.rules.pausing import GuardPause, LeavePause3
from runs.orchestration.rules.pending import RefuseSecondPending3
from runs.orchestration.rules.repeats import RefuseRepeat
from runs.orchestration.rules.retries import RetryFailedFlow3, RetryLostRun
from runs.orchestration.rules.waiting import CopyScheduledTime, HoldUntilScheduledTime

FLOW_RUN_3 = Policy(
    "flow runs, 3.x clients",
    KeepLease,
    RefuseRepeat,
    GuardFinalState3,
    RefuseLateStart,
    StayCancelling3,
    EndTimedOut,
    CancelWithoutInfrastructure,
    RefuseLostClaim,
    RefuseSecondPending3,
    ValidateLease,
    TakeDeploymentSlot,
    DropLeaseOfOldClients,
    OnlyScheduledRunsAreLate3,
    GuardPause,
    LeavePause3,
    CopyScheduledTime,
    HoldUntilScheduledTime,
    RetryFailedFlow3,
    RetryLostRun,
    ReleaseDeploymentSlot,
)

FORCED_FLOW_RUN_3 = Policy(
    "flow runs, 3.x clients, forced",
    KeepPersistedResult,
    CancelWithoutInfrastructure,
    RetryLostRun,
    EndTimedOut,
    ReleaseDeploymentSlot,
)
