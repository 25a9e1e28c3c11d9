"""Policies for proposals that the server makes itself."""

from __future__ import annotations

from runs.orchestration.policies.policy import Policy
from runs.orchestration.rules.deployment_slots import ReleaseDeploymentSlot
from runs.orchestration.rules.late import CancelNewWhenLate, OnlyScheduledRunsAreLate3
from runs.orchestration.rules.silence import OnlySilentRunsCrash

MARK_LATE = Policy(
    "late runs",
    OnlyScheduledRunsAreLate3,
    CancelNewWhenLate,
)

INFER_CRASH = Policy(
    "inferred crashes",
    OnlySilentRunsCrash,
    ReleaseDeploymentSlot,
)
