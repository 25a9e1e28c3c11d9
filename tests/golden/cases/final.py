"""Flow and task runs that leave a final state."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    case,
    deployment,
    flow,
    flow_run,
    look,
    propose,
    put,
    state,
    task_run,
)

RUN = "flow_runs/$run"
TASK = "task_runs/$task"
FINAL = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
RESULTS: dict[str, Any] = {
    "a reference": {"type": "reference", "storage_key": "k"},
    "a literal": {"type": "literal", "value": 1},
    "an unpersisted value": {"type": "unpersisted"},
    "metadata": {"storage_key": "k", "expiration": None, "prefect_version": "3.8.8"},
    "a number": 7,
    "a list": [1, 2],
}
SECOND: dict[str, dict[str, Any]] = {
    "nothing": {},
    "an unpersisted value": {"data": {"type": "unpersisted"}},
    "metadata": {"data": {"storage_key": "other"}},
}

FLOW_RUNS = [
    *(
        case(
            f"final/flow-run/completed with {title} to {target}{how}",
            flow(),
            deployment(),
            flow_run(state("RUNNING"), deployment_id="$deployment"),
            propose(RUN, "COMPLETED", data=data),
            propose(RUN, target, force=bool(how)),
            look(RUN),
        )
        for title, data in RESULTS.items()
        for target in ("SCHEDULED", "PENDING", "RUNNING", "FAILED")
        for how in ("", " forced")
    ),
    *(
        case(
            f"final/flow-run/completed with {title} to completed with {other}{how}",
            flow(),
            flow_run(state("RUNNING")),
            propose(RUN, "COMPLETED", data=data),
            propose(RUN, "COMPLETED", force=bool(how), **parts),
            look(RUN),
        )
        for title, data in RESULTS.items()
        for other, parts in SECOND.items()
        for how in ("", " forced")
    ),
    *(
        case(
            f"final/flow-run/{origin} with a past to {target}",
            flow(),
            deployment(),
            flow_run(
                state("RUNNING"),
                deployment_id="$deployment",
                empirical_policy={
                    "retries": 0,
                    "resuming": True,
                    "pause_keys": ["a", "b"],
                    "retry_type": "in_process",
                },
            ),
            put(RUN, origin),
            propose(RUN, target),
            look(RUN),
        )
        for origin in FINAL
        for target in ("SCHEDULED", "PENDING", "RUNNING", "CRASHED")
    ),
    case(
        "final/flow-run/a rerun that comes too early keeps its policy",
        flow(),
        deployment(),
        flow_run(
            state("FAILED"),
            deployment_id="$deployment",
            empirical_policy={"pause_keys": ["a"], "retry_type": "in_process"},
        ),
        propose(RUN, "SCHEDULED", scheduled_time="$now+600s"),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
]

TASK_RUNS = [
    *(
        case(
            f"final/task-run/completed with {title} to {target}{how}",
            flow(),
            flow_run(state("RUNNING")),
            task_run(state("RUNNING")),
            propose(TASK, "COMPLETED", data=data),
            propose(TASK, target, force=bool(how)),
            look(TASK),
        )
        for title, data in RESULTS.items()
        for target in ("SCHEDULED", "RUNNING", "FAILED", "COMPLETED")
        for how in ("", " forced")
    ),
    *(
        case(
            f"final/task-run/{origin} to {target} after {starts} starts",
            flow(),
            flow_run(state("RUNNING")),
            task_run(None),
            *[put(TASK, "RUNNING")] * starts,
            put(TASK, origin),
            propose(TASK, target),
            look(TASK),
        )
        for origin in FINAL
        for target in ("SCHEDULED", "PENDING", "RUNNING")
        for starts in (1, 2)
    ),
    *(
        case(
            f"final/task-run/{origin} in the next attempt of the flow to {target}",
            flow(),
            flow_run(None),
            propose(RUN, "RUNNING"),
            task_run(None),
            propose(TASK, "RUNNING"),
            put(TASK, origin),
            put(RUN, "SCHEDULED"),
            propose(RUN, "RUNNING"),
            propose(TASK, target),
            look(TASK),
        )
        for origin in FINAL
        for target in ("PENDING", "RUNNING", "PAUSED")
    ),
    case(
        "final/task-run/a rerun that the flow forbids keeps its count",
        flow(),
        flow_run(state("RUNNING")),
        task_run(None),
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED"),
        put(RUN, "COMPLETED"),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    case(
        "final/task-run/a rerun while the flow is paused",
        flow(),
        flow_run(state("RUNNING")),
        task_run(None),
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED"),
        put(RUN, "PAUSED", pause_timeout="$now+600s"),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
]

CASES = [*FLOW_RUNS, *TASK_RUNS]
