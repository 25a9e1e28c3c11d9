"""Where submitted tasks run."""

from __future__ import annotations

from orion.task_runners.base import TaskRunner
from orion.task_runners.sequential import SequentialTaskRunner
from orion.task_runners.threads import ThreadPoolTaskRunner

ConcurrentTaskRunner = ThreadPoolTaskRunner

__all__ = [
    "ConcurrentTaskRunner",
    "SequentialTaskRunner",
    "TaskRunner",
    "ThreadPoolTaskRunner",
]
