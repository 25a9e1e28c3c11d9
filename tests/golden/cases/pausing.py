"""Pausing and suspending, and what may follow."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    TYPES,
    Step,
    case,
    deployment,
    flow,
    flow_run,
    forget,
    look,
    propose,
    put,
    state,
    task_run,
)

RUN = "flow_runs/$run"
SOON = "$now+600s"
PAST = "$now-60s"
WAYS: dict[str, dict[str, Any]] = {
    "pause": {"name": "Paused", "pause_timeout": SOON},
    "suspend": {"name": "Suspended", "pause_timeout": SOON, "pause_reschedule": True},
    "named Suspended only": {"name": "Suspended", "pause_timeout": SOON},
    "unnamed reschedule": {"pause_timeout": SOON, "pause_reschedule": True},
}


def running(*, deployed: bool) -> list[Step]:
    """A running flow run, of a deployment or not."""
    if not deployed:
        return [flow(), flow_run(state("RUNNING"))]
    run = flow_run(state("RUNNING"), deployment_id="$deployment")
    return [flow(), deployment(), run]


def subflow() -> list[Step]:
    """A running flow run with a parent, of a deployment."""
    return [
        flow(),
        deployment(),
        flow_run(state("RUNNING"), known="parent"),
        task_run(None, known="dummy", of="$parent"),
        flow_run(
            state("RUNNING"),
            parent_task_run_id="$dummy",
            deployment_id="$deployment",
        ),
    ]


ENTERING = [
    *(
        case(
            f"pausing/{way} {'with' if deployed else 'without'} a deployment",
            running(deployed=deployed),
            propose(RUN, "PAUSED", **parts, pause_key="first"),
            propose(RUN, "RUNNING"),
            look(RUN),
        )
        for way, parts in WAYS.items()
        for deployed in (False, True)
    ),
    *(
        case(
            f"pausing/{way} of a subflow",
            subflow(),
            propose(RUN, "PAUSED", **parts, pause_key="first"),
            look(RUN),
            look("task_runs/$dummy"),
        )
        for way, parts in WAYS.items()
    ),
    *(
        case(
            f"pausing/{way} from {origin}",
            flow(),
            deployment(),
            flow_run(None, deployment_id="$deployment"),
            put(RUN, origin),
            propose(RUN, "PAUSED", **WAYS[way]),
            look(RUN),
        )
        for way in ("pause", "suspend")
        for origin in TYPES
    ),
    *(
        case(
            f"pausing/{way} without a state",
            running(deployed=True),
            forget(RUN),
            propose(RUN, "PAUSED", **WAYS[way]),
            look(RUN),
        )
        for way in WAYS
    ),
    *(
        case(
            f"pausing/{way} with a key that fired",
            running(deployed=True),
            propose(RUN, "PAUSED", **WAYS[way], pause_key="k"),
            propose(RUN, "RUNNING" if way == "pause" else "SCHEDULED"),
            propose(RUN, "RUNNING"),
            propose(RUN, "PAUSED", **WAYS[way], pause_key="k"),
            propose(RUN, "PAUSED", **WAYS[way], pause_key="other"),
            look(RUN),
        )
        for way in ("pause", "suspend")
    ),
    case(
        "pausing/without a key a random one fires",
        running(deployed=False),
        propose(RUN, "PAUSED", name="Paused", pause_timeout=SOON),
        look(RUN),
        propose(RUN, "RUNNING"),
        propose(RUN, "PAUSED", name="Paused", pause_timeout=SOON),
        look(RUN),
    ),
    case(
        "pausing/forced leaves no key",
        running(deployed=False),
        propose(RUN, "PAUSED", name="Paused", pause_key="k", force=True),
        look(RUN),
    ),
]

LEAVING = [
    *(
        case(
            f"pausing/{way} {limit} then {target}"
            f"{' without a deployment' if not deployed else ''}",
            flow(),
            [deployment()] if deployed else [],
            flow_run(
                state("RUNNING"),
                **({"deployment_id": "$deployment"} if deployed else {}),
            ),
            put(RUN, "PAUSED", name=name, pause_reschedule=away, **timeout),
            propose(RUN, target),
            look(RUN),
        )
        for way, name, away in (
            ("paused", "Paused", False),
            ("suspended", "Suspended", True),
        )
        for limit, timeout in (
            ("for a while", {"pause_timeout": SOON}),
            ("for too long", {"pause_timeout": PAST}),
            ("without an end", {}),
        )
        for target in TYPES
        for deployed in (True, False)
        if deployed or away
    ),
    *(
        case(
            f"pausing/timed out while proposed {name or 'unnamed'} {target}",
            running(deployed=True),
            put(RUN, "PAUSED", name="Waiting", pause_timeout=PAST),
            propose(RUN, target, name=name),
            look(RUN),
        )
        for target, name in (
            ("RUNNING", "Going on"),
            ("SCHEDULED", "Resuming"),
            ("FAILED", "TimedOut"),
            ("COMPLETED", None),
        )
    ),
]

COUNTING = [
    case(
        "pausing/a resumed run is not a new attempt",
        flow(),
        flow_run(None),
        propose(RUN, "RUNNING"),
        propose(RUN, "PAUSED", name="Paused", pause_timeout=SOON, pause_key="1"),
        look(RUN),
        propose(RUN, "RUNNING"),
        look(RUN),
        propose(RUN, "RUNNING"),
        propose(RUN, "COMPLETED"),
        look(RUN),
    ),
    case(
        "pausing/a resumed run that is rescheduled first",
        running(deployed=True),
        propose(RUN, "PAUSED", **WAYS["suspend"], pause_key="1"),
        propose(RUN, "SCHEDULED", name="Resuming"),
        look(RUN),
        propose(RUN, "PENDING"),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    case(
        "pausing/ending while paused",
        running(deployed=False),
        propose(RUN, "PAUSED", **WAYS["pause"], pause_key="1"),
        propose(RUN, "FAILED"),
        look(RUN),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    case(
        "pausing/a refused way out and a start",
        running(deployed=False),
        propose(RUN, "PAUSED", **WAYS["pause"], pause_key="1"),
        propose(RUN, "PENDING"),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
]

CASES = [*ENTERING, *LEAVING, *COUNTING]
