"""Limits on tags."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    TYPES,
    Case,
    Step,
    case,
    flow,
    flow_run,
    holders,
    look,
    propose,
    put,
    state,
    task_run,
)

A = "a-$token"
B = "b-$token"
FIRST = "task_runs/$first"
SECOND = "task_runs/$second"
LEAVING = tuple(type for type in TYPES if type != "RUNNING")


def limit(tag: str, most: int) -> Step:
    """Bound a tag."""
    body = {"tag": tag, "concurrency_limit": most}
    return Step("POST", "/concurrency_limits/", body, keep="slots")


def tagged(name: str, *steps: Step, **more: Any) -> Case:
    """A case in a running flow."""
    return case(f"tag slots/{name}", flow(), flow_run(state("RUNNING")), *steps, **more)


def tasks(*tags: str) -> list[Step]:
    """Two task runs with the same tags."""
    return [task_run(None, known=name, tags=list(tags)) for name in ("first", "second")]


CASES = [
    tagged(
        "one of two starts",
        limit(A, 1),
        *tasks(A),
        propose(FIRST, "RUNNING"),
        propose(SECOND, "RUNNING"),
        holders(A),
        propose(FIRST, "COMPLETED"),
        holders(A),
        propose(SECOND, "RUNNING"),
        holders(A),
        look(SECOND),
    ),
    tagged(
        "room for two",
        limit(A, 2),
        *tasks(A),
        propose(FIRST, "RUNNING"),
        propose(SECOND, "RUNNING"),
        holders(A),
    ),
    tagged(
        "zero",
        limit(A, 0),
        *tasks(A),
        propose(FIRST, "RUNNING"),
        look(FIRST),
        holders(A),
    ),
    tagged(
        "zero on the second tag",
        limit(A, 1),
        limit(B, 0),
        *tasks(A, B),
        propose(FIRST, "RUNNING"),
        look(FIRST),
        holders(A),
        holders(B),
    ),
    tagged(
        "full on the second tag",
        limit(A, 1),
        limit(B, 1),
        task_run(None, known="first", tags=[B]),
        task_run(None, known="second", tags=[A, B]),
        propose(FIRST, "RUNNING"),
        propose(SECOND, "RUNNING"),
        holders(A),
        holders(B),
    ),
    tagged(
        "full on both tags",
        limit(A, 1),
        limit(B, 1),
        *tasks(B, A),
        propose(FIRST, "RUNNING"),
        propose(SECOND, "RUNNING"),
        holders(A),
        holders(B),
    ),
    tagged(
        "no limit on the tag",
        *tasks(A),
        propose(FIRST, "RUNNING"),
        propose(SECOND, "RUNNING"),
    ),
    tagged(
        "forced start takes nothing",
        limit(A, 1),
        *tasks(A),
        propose(FIRST, "RUNNING", force=True),
        holders(A),
        propose(SECOND, "RUNNING"),
        propose(FIRST, "COMPLETED"),
        holders(A),
    ),
    tagged(
        "a holder that starts again",
        limit(A, 1),
        *tasks(A),
        propose(FIRST, "RUNNING"),
        propose(FIRST, "RUNNING"),
        holders(A),
    ),
    *(
        tagged(
            f"{target} of a holder{how}",
            limit(A, 1),
            *tasks(A),
            propose(FIRST, "RUNNING"),
            propose(FIRST, target, force=bool(how)),
            holders(A),
            propose(SECOND, "RUNNING"),
        )
        for target in LEAVING
        for how in ("", " forced")
    ),
    tagged(
        "a retry gives the slot back",
        limit(A, 1),
        task_run(
            None,
            known="first",
            tags=[A],
            empirical_policy={"retries": 1, "retry_delay": 0},
        ),
        propose(FIRST, "RUNNING"),
        propose(FIRST, "FAILED"),
        holders(A),
        propose(FIRST, "RUNNING"),
        holders(A),
    ),
    tagged(
        "too early takes no slot",
        limit(A, 1),
        *tasks(A),
        put(FIRST, "SCHEDULED", scheduled_time="$now+60s"),
        propose(FIRST, "RUNNING"),
        holders(A),
    ),
    tagged(
        "no running flow takes no slot",
        limit(A, 1),
        *tasks(A),
        put("flow_runs/$run", "COMPLETED"),
        propose(FIRST, "RUNNING"),
        holders(A),
    ),
    tagged(
        "a cached result takes no slot",
        limit(A, 1),
        *tasks(A),
        task_run(None, known="filler"),
        propose("task_runs/$filler", "RUNNING"),
        propose("task_runs/$filler", "COMPLETED", cache_key="key-$token"),
        propose(FIRST, "RUNNING", cache_key="key-$token"),
        holders(A),
    ),
    tagged(
        "changed to zero while held",
        limit(A, 1),
        *tasks(A),
        propose(FIRST, "RUNNING"),
        limit(A, 0),
        propose(SECOND, "RUNNING"),
        propose(FIRST, "COMPLETED"),
        holders(A),
    ),
]
