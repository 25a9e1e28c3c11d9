"""Runs that begin in a state, and requests that come twice."""

from __future__ import annotations

from tests.golden.script import (
    TYPES,
    Step,
    case,
    flow,
    flow_run,
    look,
    state,
    task_run,
)

RUN = "flow_runs/$run"
TASK = "task_runs/$task"
LATER = {"scheduled_time": "$now+600s"}
TWICE = {"flow_id": "$flow", "idempotency_key": "$token"}

CASES = [
    *(
        case(f"creation/flow-run/{type}", flow(), flow_run(state(type)), look(RUN))
        for type in TYPES
    ),
    *(
        case(
            f"creation/task-run/{type}",
            flow(),
            flow_run(None),
            task_run(state(type)),
            look(TASK),
        )
        for type in TYPES
    ),
    case(
        "creation/flow-run/scheduled for later",
        flow(),
        flow_run(state("SCHEDULED", **LATER)),
        look(RUN),
    ),
    case(
        "creation/flow-run/named states keep their names",
        flow(),
        flow_run(state("SCHEDULED", name="Late", message="soon", **LATER)),
        look(RUN),
    ),
    case(
        "creation/flow-run/the same key again changes nothing",
        flow(),
        Step("POST", "/flow_runs/", TWICE, names={"run": "id"}),
        Step("POST", "/flow_runs/", {**TWICE, "state": state("RUNNING")}),
        look(RUN),
    ),
    case(
        "creation/task-run/the same key again changes nothing",
        flow(),
        flow_run(None),
        task_run(None),
        task_run(state("RUNNING")),
        look(TASK),
    ),
    case(
        "creation/task-run/without a flow run",
        task_run(state("RUNNING"), of=None),
        look(TASK),
    ),
    case(
        "creation/task-run/retry policy from the old pair of fields",
        flow(),
        flow_run(state("RUNNING")),
        task_run(
            state("RUNNING"),
            empirical_policy={"max_retries": 2, "retry_delay_seconds": 30},
        ),
        look(TASK),
    ),
]
