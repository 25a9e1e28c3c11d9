"""Tables of runs."""

from runs.models.cached_state import CachedState
from runs.models.decision import Decision
from runs.models.flow_run import FlowRun
from runs.models.pulse import Pulse
from runs.models.run_input import RunInput
from runs.models.state import FlowRunState, TaskRunState
from runs.models.task_run import TaskRun

__all__ = [
    "CachedState",
    "Decision",
    "FlowRun",
    "FlowRunState",
    "Pulse",
    "RunInput",
    "TaskRun",
    "TaskRunState",
]
