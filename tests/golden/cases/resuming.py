"""The endpoint that resumes paused runs, with and without input."""

from __future__ import annotations

import json
from typing import Any

from tests.golden.script import (
    TYPES,
    Case,
    Step,
    case,
    deployment,
    flow,
    flow_run,
    look,
    propose,
    put,
    resume,
    state,
)

RUN = "flow_runs/$run"
SOON = "$now+600s"
PAST = "$now-60s"
KEYSET = {
    "description": "p-1-description",
    "response": "p-1-response",
    "schema": "p-1-schema",
}
SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "s": {"type": "string", "default": "x"}},
    "required": ["n"],
}
CIRCLE = {"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/a"}}}
INPUTS: dict[str, Any] = {
    "fitting": {"n": 1},
    "with a default given": {"n": 1, "s": "y"},
    "with an unknown key": {"n": 1, "z": 1},
    "of a wrong type": {"n": "one"},
    "incomplete": {"s": "y"},
    "empty": {},
    "null": None,
    "hydrated": {"n": {"__prefect_kind": "json", "value": "5"}},
    "hydrated without a value": {"n": {"__prefect_kind": "json"}},
    "of broken JSON": {"n": {"__prefect_kind": "json", "value": "{"}},
    "of an unknown variable": {
        "n": {"__prefect_kind": "workspace_variable", "variable_name": "nope"}
    },
}


def store(key: str, value: Any) -> Step:
    """Give the run an input, as JSON text unless it is a text."""
    text = value if isinstance(value, str) else json.dumps(value)
    return Step("POST", f"/{RUN}/input", {"key": key, "value": text, "sender": None})


def asking(name: str, schema: Any, *steps: Step) -> Case:
    """A run that waits for input."""
    stored = [] if schema is None else [store(KEYSET["schema"], schema)]
    return case(
        f"resuming/{name}",
        flow(),
        flow_run(state("RUNNING")),
        propose(
            RUN,
            "PAUSED",
            pause_timeout=SOON,
            pause_key="1",
            run_input_keyset=KEYSET,
        ),
        *stored,
        *steps,
        Step("GET", f"/{RUN}/input/{KEYSET['response']}", keep="body"),
        look(RUN),
    )


CASES = [
    *(
        case(
            f"resuming/{origin}",
            flow(),
            flow_run(None),
            put(RUN, origin, **({"pause_timeout": SOON} if origin == "PAUSED" else {})),
            resume(),
            look(RUN),
        )
        for origin in TYPES
    ),
    *(
        case(
            f"resuming/{name} {limit}{' without a deployment' if not deployed else ''}",
            flow(),
            [deployment()] if deployed else [],
            flow_run(None, **({"deployment_id": "$deployment"} if deployed else {})),
            put(RUN, "RUNNING"),
            put(RUN, "PAUSED", name=name, pause_reschedule=away, **timeout),
            resume(),
            resume(),
            look(RUN),
        )
        for name, away in (("Paused", False), ("Suspended", True))
        for limit, timeout in (
            ("for a while", {"pause_timeout": SOON}),
            ("for too long", {"pause_timeout": PAST}),
        )
        for deployed in (True, False)
    ),
    case(
        "resuming/an unknown run",
        resume("$nobody"),
    ),
    case(
        "resuming/input that nobody asked for",
        flow(),
        flow_run(None),
        put(RUN, "RUNNING"),
        put(RUN, "PAUSED", pause_timeout=SOON),
        resume(run_input={"n": 1}),
        look(RUN),
    ),
    *(
        asking(f"input {name}", SCHEMA, resume(run_input=value))
        for name, value in INPUTS.items()
    ),
    asking("input left out", SCHEMA, resume()),
    asking("no schema", None, resume(run_input={"n": 1})),
    asking("a schema that is no JSON", "{", resume(run_input={"n": 1})),
    asking("a schema in a circle", CIRCLE, resume(run_input={"n": 1})),
    asking("a schema that is none", {"type": 1}, resume(run_input={"n": 1})),
    asking(
        "wrong input and then right one",
        SCHEMA,
        resume(run_input={"n": "one"}),
        resume(run_input={"n": 1}),
        resume(run_input={"n": 2}),
    ),
]
