"""Background tasks: deferred task runs of 3.x."""

from __future__ import annotations

from tests.golden.script import TYPES, case, flow, flow_run, look, propose, put, state
from tests.golden.script import task_run as make

TASK = "task_runs/$task"
DEFERRED = {"deferred": True, "task_parameters_id": "$parameters"}

CASES = [
    case(
        "background/a whole life",
        make(state("SCHEDULED", **DEFERRED), of=None),
        look(TASK),
        propose(TASK, "PENDING", deferred=True),
        look(TASK),
        propose(TASK, "RUNNING", deferred=True),
        look(TASK),
        propose(TASK, "COMPLETED", deferred=True),
        look(TASK),
        generations=(3,),
    ),
    *(
        case(
            f"background/{origin} to {target}{how}",
            make(None, of=None),
            put(TASK, origin, **DEFERRED),
            propose(TASK, target, deferred=True, force=bool(how)),
            look(TASK),
            generations=(3,),
        )
        for origin in TYPES
        for target in ("SCHEDULED", "PENDING", "RUNNING", "FAILED", "PAUSED")
        for how in ("", " forced")
    ),
    case(
        "background/claimed twice",
        make(state("SCHEDULED", **DEFERRED), of=None),
        propose(TASK, "PENDING", deferred=True),
        propose(TASK, "PENDING", deferred=True),
        propose(TASK, "PENDING", name="Submitting", deferred=True),
        look(TASK),
        generations=(3,),
    ),
    case(
        "background/retried",
        make(
            state("SCHEDULED", **DEFERRED),
            of=None,
            empirical_policy={"retries": 1, "retry_delay": 60},
        ),
        propose(TASK, "RUNNING", deferred=True),
        propose(TASK, "FAILED", deferred=True),
        look(TASK),
        propose(TASK, "RUNNING", deferred=True),
        look(TASK),
        generations=(3,),
    ),
    case(
        "background/inside a flow that does not run",
        flow(),
        flow_run(state("COMPLETED")),
        make(state("SCHEDULED", **DEFERRED)),
        propose(TASK, "RUNNING", deferred=True),
        look(TASK),
        generations=(3,),
    ),
    case(
        "background/too early",
        make(state("SCHEDULED", scheduled_time="$now+60s", **DEFERRED), of=None),
        propose(TASK, "PENDING", deferred=True),
        propose(TASK, "RUNNING", deferred=True),
        look(TASK),
        generations=(3,),
    ),
]
