"""Policies for proposals that the server makes itself."""

from __future__ import annotations

from runs.orchestration.policies.policy import Policy
from runs.orchestration.rules.claims import GiveBackLapsedClaim
from runs.orchestration.rules.deployment_slots import ReleaseDeploymentSlot
from runs.orchestration.rules.enclosing_flow import OnlyLeftOpen
from runs.orchestration.rules.late import CancelNewWhenLate, OnlyScheduledRunsAreLate3
from runs.orchestration.rules.overdue import (
    EndTimedOut,
    OnlyExpiredPauses,
    OnlyOverdueCancelling,
    OnlyOverlongRuns,
)
from runs.orchestration.rules.retries import RetryLostRun
from runs.orchestration.rules.silence import OnlyOrphansCrash, OnlySilentRunsCrash
from runs.orchestration.rules.tag_slots import ReleaseTagSlots

MARK_LATE = Policy(
    "late runs",
    OnlyScheduledRunsAreLate3,
    CancelNewWhenLate,
)

INFER_CRASH = Policy(
    "inferred crashes",
    OnlySilentRunsCrash,
    RetryLostRun,
    ReleaseDeploymentSlot,
)

CRASH_ORPHAN = Policy(
    "children of ended runs",
    OnlyOrphansCrash,
    ReleaseDeploymentSlot,
)

GIVE_BACK = Policy(
    "claims that ran out",
    GiveBackLapsedClaim,
    ReleaseDeploymentSlot,
)

EXPIRE_PAUSE = Policy(
    "expired pauses",
    OnlyExpiredPauses,
    ReleaseDeploymentSlot,
)

STOP_OVERLONG = Policy(
    "run time limits",
    OnlyOverlongRuns,
)

CONFIRM_CANCELLING = Policy(
    "overdue cancelling",
    OnlyOverdueCancelling,
    EndTimedOut,
    ReleaseDeploymentSlot,
)

CLOSE_TASK = Policy(
    "tasks of ended runs",
    OnlyLeftOpen,
    ReleaseTagSlots,
)
