"""Task-run rules about the enclosing flow, waiting, names of reruns, attempts."""

from __future__ import annotations

from tests.golden.script import (
    TYPES,
    Case,
    Step,
    case,
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
TASK = "task_runs/$task"
LATER = "$now+60s"
PAST = "$now-60s"


def inside(name: str, *steps: Step) -> Case:
    """A case with a task run in a running flow."""
    running = flow_run(state("RUNNING"))
    return case(f"task-run/{name}", flow(), running, task_run(None), *steps)


ENCLOSING = [
    *(
        case(
            f"task-run/enclosing flow/{origin}{how}",
            flow(),
            flow_run(None),
            task_run(None),
            put(RUN, origin),
            propose(TASK, "RUNNING", force=bool(how)),
            propose(TASK, "COMPLETED"),
            look(TASK),
        )
        for origin in TYPES
        for how in ("", " forced")
    ),
    case(
        "task-run/enclosing flow/none",
        flow(),
        flow_run(None),
        task_run(None),
        forget(RUN),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    *(
        inside(
            f"enclosing flow/{name} {limit}",
            put(RUN, "PAUSED", name=name, pause_reschedule=away, **timeout),
            propose(TASK, "RUNNING"),
            look(TASK),
            put(RUN, "RUNNING"),
            propose(TASK, "RUNNING"),
            look(TASK),
        )
        for name, away in (("Paused", False), ("Suspended", True))
        for limit, timeout in (
            ("for a while", {"pause_timeout": "$now+600s"}),
            ("for too long", {"pause_timeout": PAST}),
        )
    ),
    *(
        case(
            f"task-run/no flow at all/{origin} to {target}",
            task_run(state(origin), of=None),
            propose(TASK, target),
            look(TASK),
        )
        for origin in ("PENDING", "SCHEDULED", "RUNNING", "COMPLETED")
        for target in ("PENDING", "RUNNING", "COMPLETED")
    ),
]

WAITING = [
    inside(
        "waiting/start before the time",
        put(TASK, "SCHEDULED", scheduled_time=LATER),
        propose(TASK, "RUNNING"),
        propose(TASK, "PENDING"),
        propose(TASK, "RUNNING"),
        propose(TASK, "RUNNING", force=True),
        look(TASK),
    ),
    inside(
        "waiting/start after the time",
        put(TASK, "SCHEDULED", scheduled_time=PAST),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    inside(
        "waiting/a claim keeps its own time",
        put(TASK, "SCHEDULED", scheduled_time=LATER),
        propose(TASK, "PENDING", scheduled_time=PAST),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
]

RERUNS = [
    inside(
        "reruns/started twice",
        propose(TASK, "RUNNING"),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    inside(
        "reruns/a name of its own is replaced",
        propose(TASK, "RUNNING", name="Walking"),
        look(TASK),
        propose(TASK, "RUNNING", name="Walking"),
        look(TASK),
    ),
    inside(
        "reruns/after AwaitingRetry",
        propose(TASK, "RUNNING"),
        put(TASK, "SCHEDULED", name="AwaitingRetry", scheduled_time=PAST),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    inside(
        "reruns/AwaitingRetry and a claim",
        propose(TASK, "RUNNING"),
        put(TASK, "SCHEDULED", name="AwaitingRetry", scheduled_time=PAST),
        propose(TASK, "PENDING"),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    inside(
        "reruns/AwaitingRetry without a start",
        put(TASK, "SCHEDULED", name="AwaitingRetry", scheduled_time=PAST),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    inside(
        "reruns/after a failure in the same attempt",
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED"),
        propose(TASK, "RUNNING"),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    inside(
        "reruns/forced starts keep their name",
        propose(TASK, "RUNNING", force=True),
        propose(TASK, "RUNNING", force=True),
        look(TASK),
    ),
    case(
        "task-run/reruns/in the second attempt of the flow",
        flow(),
        flow_run(None, empirical_policy={"retries": 1, "retry_delay": 0}),
        propose(RUN, "RUNNING"),
        task_run(None),
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED"),
        look(TASK),
        propose(RUN, "FAILED"),
        propose(RUN, "RUNNING"),
        propose(TASK, "RUNNING"),
        look(TASK),
        propose(TASK, "COMPLETED"),
        look(TASK),
    ),
]

REPEATS = [
    inside(
        "repeats/started twice with one id",
        propose(TASK, "RUNNING", transition_id="$first"),
        propose(TASK, "RUNNING", transition_id="$first"),
        look(TASK),
    ),
    inside(
        "repeats/ended twice with one id",
        propose(TASK, "RUNNING", transition_id="$first"),
        propose(TASK, "COMPLETED", transition_id="$second"),
        propose(TASK, "COMPLETED", transition_id="$second"),
        look(TASK),
    ),
    inside(
        "repeats/started twice with two ids",
        propose(TASK, "RUNNING", transition_id="$first"),
        propose(TASK, "RUNNING", transition_id="$second"),
        look(TASK),
    ),
]

BOOKKEEPING = [
    inside(
        "bookkeeping/a whole life",
        look(TASK),
        propose(TASK, "RUNNING"),
        look(TASK),
        propose(TASK, "COMPLETED"),
        look(TASK),
    ),
    inside(
        "bookkeeping/claimed three times",
        propose(TASK, "PENDING", name="NotReady", message="waits for a"),
        propose(TASK, "PENDING"),
        propose(TASK, "PENDING", name="Submitting"),
        look(TASK),
    ),
    inside(
        "bookkeeping/names of a finished task",
        propose(TASK, "RUNNING"),
        propose(TASK, "COMPLETED", name="Cached"),
        propose(TASK, "COMPLETED", name="RolledBack"),
        look(TASK),
    ),
]

CASES = [*ENCLOSING, *WAITING, *RERUNS, *REPEATS, *BOOKKEEPING]
