"""The loops over runs."""

from runs.loops.claims import ClaimExpiry, Lazarus
from runs.loops.deadlines import CancellingDeadline, ExpiredPauses, RunTimeLimit
from runs.loops.endings import CancellationCleanup, UnreportedTasks
from runs.loops.recording import Recorder
from runs.loops.silence import QuietRuns, ZombieKiller

__all__ = [
    "CancellationCleanup",
    "CancellingDeadline",
    "ClaimExpiry",
    "ExpiredPauses",
    "Lazarus",
    "QuietRuns",
    "Recorder",
    "RunTimeLimit",
    "UnreportedTasks",
    "ZombieKiller",
]
