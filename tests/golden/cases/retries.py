"""Failed attempts that are followed by others."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    Case,
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
TASK = "task_runs/$task"
FAILURE = {"message": "boom", "data": {"type": "reference", "storage_key": "k"}}
POLICIES: dict[str, dict[str, Any] | None] = {
    "no policy": None,
    "no retries": {"retries": 0, "retry_delay": 0},
    "one retry at once": {"retries": 1, "retry_delay": 0},
    "two retries at once": {"retries": 2, "retry_delay": 0},
    "one retry without a delay": {"retries": 1},
    "a retry after a while": {"retries": 1, "retry_delay": 60},
    "the old pair of fields": {"max_retries": 1, "retry_delay_seconds": 60},
    "old fields next to new ones": {
        "max_retries": 5,
        "retry_delay_seconds": 5,
        "retries": 1,
        "retry_delay": 60,
    },
}
DELAYS: dict[str, Any] = {
    "a list": [60, 120],
    "a short list": [60],
    "an empty list": [],
    "a fraction": 60.5,
    "zero": 0,
    "a list that starts with zero": [0, 60],
}


def attempts(run: str, number: int) -> list[Step]:
    """Start and fail several times, waiting for nothing."""
    one = [propose(run, "RUNNING"), propose(run, "FAILED", **FAILURE), look(run)]
    return one * number


def flow_case(name: str, policy: dict[str, Any] | None, *steps: Any) -> Case:
    """A flow run with a retry policy."""
    fields = {"empirical_policy": policy} if policy is not None else {}
    return case(f"retries/flow-run/{name}", flow(), flow_run(None, **fields), *steps)


def task_case(
    name: str, policy: dict[str, Any] | None, *steps: Any, **more: Any
) -> Case:
    """A task run with a retry policy, in a running flow."""
    fields = {"empirical_policy": policy} if policy is not None else {}
    return case(
        f"retries/task-run/{name}",
        flow(),
        flow_run(state("RUNNING")),
        task_run(None, **fields),
        *steps,
        **more,
    )


ONCE = {"retries": 1, "retry_delay": 60}
FLOW_RUNS = [
    *(flow_case(name, policy, attempts(RUN, 3)) for name, policy in POLICIES.items()),
    flow_case(
        "a start during the delay waits",
        ONCE,
        attempts(RUN, 1),
        propose(RUN, "RUNNING"),
        propose(RUN, "RUNNING", force=True),
        propose(RUN, "FAILED"),
        look(RUN),
    ),
    *(
        flow_case(
            f"{target} is no failure",
            ONCE,
            propose(RUN, "RUNNING"),
            propose(RUN, target),
            look(RUN),
        )
        for target in ("CRASHED", "CANCELLED", "COMPLETED")
    ),
    flow_case(
        "forced failure is final",
        ONCE,
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED", force=True),
        look(RUN),
    ),
    flow_case(
        "a timeout is retried under the name AwaitingRetry",
        ONCE,
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED", name="TimedOut", message="too long"),
        look(RUN),
    ),
    flow_case("failed before the start", ONCE, propose(RUN, "FAILED"), look(RUN)),
    *(
        flow_case(
            f"{target} while awaiting the retry",
            ONCE,
            attempts(RUN, 1),
            propose(RUN, target),
            look(RUN),
        )
        for target in (
            "SCHEDULED",
            "PENDING",
            "FAILED",
            "CRASHED",
            "CANCELLING",
            "CANCELLED",
            "PAUSED",
        )
    ),
    flow_case(
        "pauses may fire again in the next attempt",
        {"retries": 1, "retry_delay": 0},
        propose(RUN, "RUNNING"),
        propose(RUN, "PAUSED", pause_key="1", pause_timeout="$now+600s"),
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED"),
        look(RUN),
        propose(RUN, "RUNNING"),
        propose(RUN, "PAUSED", pause_key="1", pause_timeout="$now+600s"),
        look(RUN),
    ),
    flow_case(
        "a policy that is patched counts",
        None,
        Step("PATCH", f"/{RUN}", {"empirical_policy": ONCE}),
        attempts(RUN, 1),
    ),
    flow_case(
        "an unpersisted result in a failure",
        ONCE,
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED", data={"type": "unpersisted"}, message="boom"),
        look(RUN),
    ),
    flow_case(
        "metadata in a failure",
        ONCE,
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED", data={"storage_key": "k"}, message="boom"),
        look(RUN),
    ),
    flow_case(
        "details of a failure",
        ONCE,
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED", untrackable_result=True, transition_id="$first"),
        look(RUN),
    ),
]

TASK_RUNS = [
    *(task_case(name, policy, attempts(TASK, 3)) for name, policy in POLICIES.items()),
    *(
        task_case(
            f"{name} of delays" if "list" in name else f"{name} as delay",
            {"retries": 3, "retry_delay": delay},
            [
                put(TASK, "RUNNING"),
                propose(TASK, "FAILED", message="boom"),
                look(TASK),
            ]
            * 4,
        )
        for name, delay in DELAYS.items()
    ),
    task_case(
        "a random part",
        {"retries": 1, "retry_delay": 100, "retry_jitter_factor": 0.2},
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED"),
        look(TASK),
        spans=((80, 120),),
    ),
    task_case(
        "no random part",
        {"retries": 1, "retry_delay": 90, "retry_jitter_factor": 0},
        attempts(TASK, 1),
    ),
    task_case(
        "a random part of nothing",
        {"retries": 1, "retry_delay": 0, "retry_jitter_factor": 0.5},
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED"),
        look(TASK),
        generations=(3,),
    ),
    *(
        task_case(
            f"retriable {retriable}",
            ONCE,
            propose(TASK, "RUNNING"),
            propose(TASK, "FAILED", retriable=retriable),
            look(TASK),
        )
        for retriable in (False, True)
    ),
    task_case(
        "a start during the delay waits",
        ONCE,
        attempts(TASK, 1),
        propose(TASK, "RUNNING"),
        propose(TASK, "PENDING"),
        propose(TASK, "RUNNING"),
        look(TASK),
    ),
    *(
        task_case(
            f"{target} is no failure",
            ONCE,
            propose(TASK, "RUNNING"),
            propose(TASK, target),
            look(TASK),
        )
        for target in ("CRASHED", "CANCELLED", "COMPLETED")
    ),
    task_case(
        "forced failure is final",
        ONCE,
        propose(TASK, "RUNNING"),
        propose(TASK, "FAILED", force=True),
        look(TASK),
    ),
    task_case("failed before the start", ONCE, propose(TASK, "FAILED"), look(TASK)),
]

CASES = [*FLOW_RUNS, *TASK_RUNS]
