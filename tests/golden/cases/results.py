"""Results: stored as artifacts, echoed, marked as unknown."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    artifacts,
    case,
    flow,
    flow_run,
    look,
    propose,
    state,
    task_run,
)

RUN = "flow_runs/$run"
TASK = "task_runs/$task"
DESCRIBED = {
    "type": "reference",
    "artifact_key": "key-a",
    "artifact_type": "result",
    "artifact_description": "A result",
    "storage_key": "k",
}
VALUES: dict[str, Any] = {
    "reference": {"type": "reference", "storage_key": "k"},
    "described": DESCRIBED,
    "described without a type": {k: v for k, v in DESCRIBED.items() if k != "type"},
    "literal": {"type": "literal", "value": "x"},
    "unpersisted": {"type": "unpersisted", "artifact_type": "result"},
    "metadata": {
        "storage_key": "k",
        "expiration": None,
        "serializer": {"type": "json"},
    },
    "string": "x",
    "number": 1.5,
    "true": True,
    "false": False,
    "zero": 0,
    "empty text": "",
    "empty object": {},
    "empty list": [],
    "list": [1, {"type": "unpersisted"}],
}

CASES = [
    *(
        case(
            f"results/flow-run/{name}",
            flow(),
            flow_run(state("RUNNING")),
            propose(RUN, "COMPLETED", data=value),
            look(RUN),
            artifacts(),
        )
        for name, value in VALUES.items()
    ),
    *(
        case(
            f"results/task-run/{name}",
            flow(),
            flow_run(state("RUNNING")),
            task_run(state("RUNNING")),
            propose(TASK, "COMPLETED", data=value),
            look(TASK),
            artifacts(),
        )
        for name, value in VALUES.items()
    ),
    *(
        case(
            f"results/{kind}/{origin} with {name} is forced to completed",
            flow(),
            flow_run(state("RUNNING")),
            [task_run(state("RUNNING"))] if kind == "task-run" else [],
            propose(run, origin, data=VALUES[name]),
            propose(run, "COMPLETED", force=True, **parts),
            look(run),
            artifacts(),
        )
        for kind, run in (("flow-run", RUN), ("task-run", TASK))
        for origin in ("FAILED", "CRASHED")
        for name, parts in (
            ("reference", {}),
            ("literal", {}),
            ("metadata", {"data": {"storage_key": "new"}}),
        )
    ),
    *(
        case(
            f"results/flow-run/in a {type} state",
            flow(),
            flow_run(None),
            propose(RUN, type, data=VALUES["reference"]),
            look(RUN),
            artifacts(),
        )
        for type in ("RUNNING", "SCHEDULED", "CRASHED", "CANCELLED")
    ),
    case(
        "results/flow-run/a refused one is not stored",
        flow(),
        flow_run(state("CANCELLING")),
        propose(RUN, "COMPLETED", data=VALUES["metadata"]),
        look(RUN),
        artifacts(),
    ),
]
