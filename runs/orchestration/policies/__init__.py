"""Which policy judges which proposal."""

from __future__ import annotations

from runs.orchestration.policies.flow_2 import FLOW_RUN_2, FORCED_FLOW_RUN_2
from runs.orchestration.policies.flow_3 import FLOW_RUN_3, FORCED_FLOW_RUN_3
from runs.orchestration.policies.policy import Policy
from runs.orchestration.policies.task_2 import FORCED_TASK_RUN_2, TASK_RUN_2
from runs.orchestration.policies.task_3 import (
    BACKGROUND_TASK_RUN,
    FORCED_TASK_RUN_3,
    TASK_RUN_3,
)

# (kind of run, generation of the client, forced)
POLICIES: dict[tuple[str, int, bool], Policy] = {
    ("flow_run", 2, False): FLOW_RUN_2,
    ("flow_run", 2, True): FORCED_FLOW_RUN_2,
    ("flow_run", 3, False): FLOW_RUN_3,
    ("flow_run", 3, True): FORCED_FLOW_RUN_3,
    ("task_run", 2, False): TASK_RUN_2,
    ("task_run", 2, True): FORCED_TASK_RUN_2,
    ("task_run", 3, False): TASK_RUN_3,
    ("task_run", 3, True): FORCED_TASK_RUN_3,
}

__all__ = ["BACKGROUND_TASK_RUN", "POLICIES", "Policy"]
