"""Flow-run rules about claiming, waiting, lateness, cancelling and repeats."""

from __future__ import annotations

from tests.golden.script import (
    Case,
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
)

RUN = "flow_runs/$run"
LATER = "$now+60s"
PAST = "$now-60s"


def alone(name: str, *steps: Step) -> Case:
    """A case with a flow run that has no deployment."""
    return case(f"flow-run/{name}", flow(), *steps)


def pid() -> Step:
    """Tell the server which process runs the flow."""
    return Step("PATCH", f"/{RUN}", {"infrastructure_pid": "host:1"})


REPEATS = [
    alone(
        "repeats/claimed twice with one id",
        flow_run(state("SCHEDULED")),
        propose(RUN, "PENDING", transition_id="$first"),
        propose(RUN, "PENDING", transition_id="$first"),
        look(RUN),
    ),
    alone(
        "repeats/claimed twice with two ids",
        flow_run(state("SCHEDULED")),
        propose(RUN, "PENDING", transition_id="$first"),
        propose(RUN, "PENDING", transition_id="$second"),
        look(RUN),
    ),
    alone(
        "repeats/another type with the same id",
        flow_run(None),
        propose(RUN, "RUNNING", transition_id="$first"),
        propose(RUN, "COMPLETED", transition_id="$first"),
        look(RUN),
    ),
    alone(
        "repeats/a final state with the same id",
        flow_run(None),
        propose(RUN, "COMPLETED", transition_id="$first"),
        propose(RUN, "COMPLETED", transition_id="$first"),
        propose(RUN, "PAUSED", transition_id="$first"),
        look(RUN),
    ),
    alone(
        "repeats/forced",
        flow_run(None),
        propose(RUN, "RUNNING", transition_id="$first"),
        propose(RUN, "RUNNING", transition_id="$first", force=True),
        look(RUN),
    ),
    alone(
        "repeats/without an id each start counts",
        flow_run(None),
        propose(RUN, "RUNNING"),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
]

CLAIMS = [
    *(
        alone(
            f"pending/{first or 'unnamed'} then {second or 'unnamed'}",
            flow_run(state("SCHEDULED", scheduled_time=PAST)),
            propose(RUN, "PENDING", name=first),
            propose(RUN, "PENDING", name=second),
            propose(RUN, "PENDING", name="InfrastructurePending"),
            look(RUN),
        )
        for first in (None, "Submitting")
        for second in (None, "Pending", "Submitting", "InfrastructurePending")
    ),
    *(
        alone(
            f"pending/Submitting from {origin}",
            flow_run(None),
            put(RUN, origin),
            propose(RUN, "PENDING", name="Submitting"),
            look(RUN),
        )
        for origin in ("RUNNING", "CANCELLING", "CANCELLED", "COMPLETED", "CRASHED")
    ),
    alone(
        "pending/a sub-state brings its own time",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "PENDING"),
        propose(RUN, "PENDING", name="Submitting", scheduled_time=PAST),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    alone(
        "pending/forced twice",
        flow_run(state("SCHEDULED")),
        propose(RUN, "PENDING", force=True),
        propose(RUN, "PENDING", force=True),
        look(RUN),
    ),
]

WAITING = [
    alone(
        "waiting/start before the time",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    alone(
        "waiting/start after the time",
        flow_run(state("SCHEDULED", scheduled_time=PAST)),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    alone(
        "waiting/a claim carries the time along",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "PENDING"),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    alone(
        "waiting/a claim keeps its own time",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "PENDING", scheduled_time=PAST),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    alone(
        "waiting/forced start before the time",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "RUNNING", force=True),
        look(RUN),
    ),
    alone(
        "waiting/rescheduled",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "SCHEDULED", scheduled_time="$now+120s"),
        look(RUN),
    ),
    alone(
        "waiting/from pending with a time of its own",
        flow_run(state("PENDING", scheduled_time=LATER)),
        propose(RUN, "RUNNING"),
        propose(RUN, "COMPLETED"),
        look(RUN),
    ),
]

LATE = [
    alone(
        "late/once and again",
        flow_run(state("SCHEDULED", scheduled_time=PAST)),
        propose(RUN, "SCHEDULED", name="Late", scheduled_time=PAST),
        propose(RUN, "SCHEDULED", name="Late", scheduled_time=PAST),
        propose(RUN, "PENDING"),
        look(RUN),
    ),
    *(
        alone(
            f"late/from {origin}{' forced' if force else ''}",
            flow_run(None),
            put(RUN, origin),
            propose(RUN, "SCHEDULED", name="Late", force=force),
            look(RUN),
        )
        for origin in ("PENDING", "RUNNING", "COMPLETED", "CANCELLING", "PAUSED")
        for force in (False, True)
    ),
    alone(
        "late/from none",
        flow_run(None),
        forget(RUN),
        propose(RUN, "SCHEDULED", name="Late"),
        look(RUN),
    ),
    alone(
        "late/while awaiting a retry",
        flow_run(state("SCHEDULED", name="AwaitingRetry", scheduled_time=PAST)),
        propose(RUN, "SCHEDULED", name="Late", scheduled_time=PAST),
        look(RUN),
    ),
]

CANCELLING = [
    *(
        alone(
            f"cancelling/{name} {'with' if known else 'without'} a process{how}",
            flow_run(state("SCHEDULED", name=name, scheduled_time=PAST)),
            *([pid()] if known else []),
            propose(RUN, "CANCELLING", force=bool(how), message="stop"),
            look(RUN),
        )
        for name in ("Scheduled", "Late", "AwaitingRetry", "Resuming")
        for known in (False, True)
        for how in ("", " forced")
    ),
    *(
        case(
            f"flow-run/cancelling/{'suspended' if away else 'paused'}{how}{timeout}",
            flow(),
            deployment(),
            flow_run(state("RUNNING"), deployment_id="$deployment"),
            propose(
                RUN,
                "PAUSED",
                name="Suspended" if away else "Paused",
                pause_reschedule=away,
                pause_timeout=PAST if timeout else "$now+600s",
            ),
            propose(RUN, "CANCELLING", force=bool(how)),
            look(RUN),
        )
        for away in (False, True)
        for how in ("", " forced")
        for timeout in ("", " for too long")
    ),
    alone(
        "cancelling/the dying process reports",
        flow_run(state("RUNNING")),
        propose(RUN, "CANCELLING"),
        propose(RUN, "CRASHED"),
        propose(RUN, "FAILED"),
        propose(RUN, "CANCELLED", message="Flow run was cancelled successfully."),
        look(RUN),
    ),
    alone(
        "cancelling/forced out of it",
        flow_run(state("RUNNING")),
        propose(RUN, "CANCELLING"),
        propose(RUN, "CRASHED", force=True),
        look(RUN),
    ),
    alone(
        "cancelling/a cancelled run starts again",
        flow_run(state("RUNNING")),
        propose(RUN, "CANCELLING"),
        propose(RUN, "CANCELLED"),
        propose(RUN, "RUNNING"),
        look(RUN),
    ),
    alone(
        "cancelling/custom names",
        flow_run(state("RUNNING")),
        propose(RUN, "CANCELLING", name="Stopping"),
        propose(RUN, "CANCELLING", name="Stopping harder"),
        propose(RUN, "CANCELLED", name="Stopped"),
        look(RUN),
    ),
]

BOOKKEEPING = [
    alone(
        "bookkeeping/a whole life",
        flow_run(state("SCHEDULED", scheduled_time=PAST)),
        look(RUN),
        propose(RUN, "PENDING"),
        look(RUN),
        propose(RUN, "RUNNING"),
        look(RUN),
        propose(RUN, "COMPLETED"),
        look(RUN),
    ),
    alone(
        "bookkeeping/cancelled before the start",
        flow_run(state("SCHEDULED", scheduled_time=LATER)),
        propose(RUN, "CANCELLED"),
        look(RUN),
    ),
    alone(
        "bookkeeping/rescheduled after the end",
        flow_run(state("RUNNING")),
        propose(RUN, "COMPLETED"),
        look(RUN),
        propose(RUN, "SCHEDULED", scheduled_time=LATER, force=True),
        look(RUN),
        propose(RUN, "FAILED"),
        look(RUN),
    ),
    alone(
        "bookkeeping/ended twice",
        flow_run(state("RUNNING")),
        propose(RUN, "CRASHED"),
        propose(RUN, "COMPLETED"),
        propose(RUN, "FAILED"),
        look(RUN),
    ),
    alone(
        "bookkeeping/server-side ids replace the client's",
        flow_run(None),
        propose(RUN, "RUNNING", flow_run_id="$other", task_run_id="$another"),
        look(RUN),
    ),
]

CASES = [*REPEATS, *CLAIMS, *WAITING, *LATE, *CANCELLING, *BOOKKEEPING]
