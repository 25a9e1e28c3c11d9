"""Policies for task runs of 3.x clients, and of everybody else."""

from __future__ import annotations

from runs.orchestration.policies.policy import Policy
from runs.orchestration.rules.caching import ReadCache, WriteCache3
from runs.orchestration.rules.enclosing_flow import RequireRunningFlow
from runs.orchestration.rules.final import GuardFinalTask
from runs.orchestration.rules.pending import RefuseSecondPending3
from runs.orchestration.rules.repeats import AnswerRepeat
from runs.orchestration.rules.reruns import NameReruns, TrackAttempts
from runs.orchestration.rules.retries import RetryFailedTask
from runs.orchestration.rules.tag_slots import ReleaseTagSlots, TakeTagSlots3
from runs.orchestration.rules.waiting import (
    CopyScheduledTime,
    CopyTaskParameters,
    HoldUntilScheduledTime,
)

TASK_RUN_3 = Policy(
    "task runs, 3.x clients",
    AnswerRepeat,
    ReadCache,
    GuardFinalTask,
    RequireRunningFlow,
    TakeTagSlots3,
    CopyScheduledTime,
    HoldUntilScheduledTime,
    RetryFailedTask,
    NameReruns,
    TrackAttempts,
    WriteCache3,
    ReleaseTagSlots,
)

FORCED_TASK_RUN_3 = Policy(
    "task runs, 3.x clients, forced",
    ReleaseTagSlots,
)

BACKGROUND_TASK_RUN = Policy(
    "background task runs",
    RefuseSecondPending3,
    ReadCache,
    GuardFinalTask,
    CopyScheduledTime,
    CopyTaskParameters,
    HoldUntilScheduledTime,
    RetryFailedTask,
    NameReruns,
    TrackAttempts,
    WriteCache3,
    ReleaseTagSlots,
)
