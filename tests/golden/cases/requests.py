"""What a proposal may look like: names, unknown keys, wrong types, unknown runs."""

from __future__ import annotations

from typing import Any

from tests.golden.script import TYPES, Case, Step, case, flow, flow_run, look, state
from tests.golden.script import task_run as make

KINDS = (
    ("flow-run", "flow_runs/$run", [flow(), flow_run(None)]),
    ("task-run", "task_runs/$task", [flow(), flow_run(state("RUNNING")), make(None)]),
)
BODIES: dict[str, Any] = {
    "unknown detail": {"state": {"type": "RUNNING", "state_details": {"bogus": 1}}},
    "unknown key next to the state": {"state": {"type": "RUNNING"}, "bogus": 1},
    "unknown key in the state": {"state": {"type": "RUNNING", "bogus": 1}},
    "id and timestamp in the state": {
        "state": {
            "type": "RUNNING",
            "id": "$mine",
            "timestamp": "2020-01-01T00:00:00+00:00",
        }
    },
    "details are null": {"state": {"type": "RUNNING", "state_details": None}},
    "data is null": {"state": {"type": "RUNNING", "data": None}},
    "message is null": {"state": {"type": "RUNNING", "message": None}},
    "name is null": {"state": {"type": "RUNNING", "name": None}},
    "name is empty": {"state": {"type": "RUNNING", "name": ""}},
    "name is blank": {"state": {"type": "RUNNING", "name": " "}},
    "name is free": {"state": {"type": "RUNNING", "name": "Walking ünd töddling"}},
    "name is a number": {"state": {"type": "RUNNING", "name": 5}},
    "message is a number": {"state": {"type": "RUNNING", "message": 5}},
    "message is long": {"state": {"type": "RUNNING", "message": "x" * 3000}},
    "type is unknown": {"state": {"type": "SLEEPING"}},
    "type is in small letters": {"state": {"type": "running"}},
    "type is null": {"state": {"type": None}},
    "type is missing": {"state": {"name": "Running"}},
    "state is null": {"state": None},
    "state is missing": {"force": True},
    "state is a text": {"state": "RUNNING"},
    "force is null": {"state": {"type": "RUNNING"}, "force": None},
    "force is a text": {"state": {"type": "RUNNING"}, "force": "yes"},
    "force is a wrong text": {"state": {"type": "RUNNING"}, "force": "perhaps"},
    "force is a number": {"state": {"type": "RUNNING"}, "force": 1},
    "scheduled time is null": {
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": None}}
    },
    "scheduled time is no time": {
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "soon"}}
    },
    "scheduled time of a running state": {
        "state": {"type": "RUNNING", "state_details": {"scheduled_time": "$now+60s"}}
    },
    "transition id is no id": {
        "state": {"type": "RUNNING", "state_details": {"transition_id": "x"}}
    },
    "body is a list": [1],
    "body is empty": {},
}


def kept(run: str, body: Any) -> Step:
    """A proposal as it is."""
    return Step("POST", f"/{run}/set_state", body, "outcome")


def named() -> list[Case]:
    """The name that a state without one gets."""
    return [
        case(
            f"requests/{kind}/name of {type}",
            *setting,
            kept(run, {"state": {"type": type}, "force": True}),
            look(run),
        )
        for kind, run, setting in KINDS
        for type in TYPES
    ]


CASES = [
    *named(),
    *(
        case(f"requests/{kind}/{name}", *setting, kept(run, body), look(run))
        for kind, run, setting in KINDS
        for name, body in BODIES.items()
    ),
    *(
        case(
            f"requests/{kind}/unknown run{' forced' if force else ''}",
            kept(f"{kind}s/$nobody", {"state": {"type": "RUNNING"}, "force": force}),
        )
        for kind in ("flow_run", "task_run")
        for force in (False, True)
    ),
]
