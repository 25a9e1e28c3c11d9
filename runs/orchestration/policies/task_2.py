"""Policies for task runs of 2.x clients."""

from __future__ import annotations

from runs.orchestration.policies.policy import Policy
from runs.orchestration.rules.caching import ReadCache, WriteCache2
from runs.orchestration.rules.enclosing_flow import RequireRunningFlow
from runs.orchestration.rules.final import GuardFinalTask
from runs.orchestration.rules.pending import RefuseSecondPendingOfFreeTask
from runs.orchestration.rules.repeats import AnswerRepeat
from runs.orchestration.rules.reruns import NameReruns, TrackAttempts
from runs.orchestration.rules.results import MarkUnknownResult
from runs.orchestration.rules.retries import RetryFailedTask
from runs.orchestration.rules.tag_slots import ReleaseTagSlots, TakeTagSlots2
from runs.orchestration.rules.waiting import CopyScheduledTime, HoldUntilScheduledTime

TASK_RUN_2 = Policy(
    "task runs, 2.x clients",
    AnswerRepeat,
    RefuseSecondPendingOfFreeTask,
    ReadCache,
    GuardFinalTask,
    RequireRunningFlow,
    TakeTagSlots2,
    CopyScheduledTime,
    HoldUntilScheduledTime,
    RetryFailedTask,
    NameReruns,
    TrackAttempts,
    WriteCache2,
    ReleaseTagSlots,
)

FORCED_TASK_RUN_2 = Policy(
    "task runs, 2.x clients, forced",
    ReleaseTagSlots,
    MarkUnknownResult,
)
