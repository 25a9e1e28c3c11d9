"""States of a child run, mirrored on the task run that stands for it."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    TYPES,
    Step,
    case,
    flow,
    flow_run,
    look,
    propose,
    put,
    state,
    task_run,
)

RUN = "flow_runs/$run"
DUMMY = "task_runs/$dummy"


def family(**fields: Any) -> list[Step]:
    """A running parent, the task run for the child, and the child, `$run`."""
    return [
        flow(),
        flow_run(state("RUNNING"), known="parent"),
        task_run(None, known="dummy", of="$parent"),
        flow_run(None, parent_task_run_id="$dummy", **fields),
    ]


CASES = [
    case("subflows/created", family(), look(RUN), look(DUMMY)),
    *(
        case(
            f"subflows/{type}{how}",
            family(),
            propose(RUN, "RUNNING"),
            propose(RUN, type, force=bool(how), message="so"),
            look(RUN),
            look(DUMMY),
        )
        for type in TYPES
        for how in ("", " forced")
    ),
    case(
        "subflows/a whole life",
        family(),
        propose(RUN, "RUNNING"),
        look(DUMMY),
        propose(RUN, "COMPLETED", data={"type": "reference", "storage_key": "k"}),
        look(RUN),
        look(DUMMY),
    ),
    case(
        "subflows/with metadata",
        family(),
        propose(RUN, "RUNNING"),
        propose(RUN, "COMPLETED", data={"storage_key": "k"}),
        look(DUMMY),
    ),
    case(
        "subflows/retried",
        family(empirical_policy={"retries": 1, "retry_delay": 0}),
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED"),
        look(DUMMY),
        propose(RUN, "RUNNING"),
        look(DUMMY),
        propose(RUN, "COMPLETED"),
        look(RUN),
        look(DUMMY),
    ),
    case(
        "subflows/refused ones are not mirrored",
        family(),
        propose(RUN, "RUNNING"),
        propose(RUN, "COMPLETED"),
        propose(RUN, "CRASHED"),
        look(DUMMY),
    ),
    case(
        "subflows/an ended parent task is mirrored again",
        family(),
        put(DUMMY, "COMPLETED"),
        propose(RUN, "RUNNING"),
        look(DUMMY),
    ),
]
