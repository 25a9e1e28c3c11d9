"""Task results under cache keys."""

from __future__ import annotations

from typing import Any

from tests.golden.script import Case, Step, case, flow, flow_run, look, propose, state
from tests.golden.script import task_run as make

FIRST = "task_runs/$first"
SECOND = "task_runs/$second"
KEY = "key-$token"
RESULT = {"type": "reference", "storage_key": "k", "serializer": {"type": "json"}}
METADATA = {"storage_key": "k", "expiration": None}


def cached(name: str, *steps: Step, **more: Any) -> Case:
    """A case with two task runs in a running flow."""
    return case(
        f"caching/{name}",
        flow(),
        flow_run(state("RUNNING")),
        make(None, known="first"),
        make(None, known="second"),
        *steps,
        **more,
    )


def fill(**parts: Any) -> list[Step]:
    """The first task run completes under the key."""
    details: dict[str, Any] = {"cache_key": KEY, "data": RESULT, **parts}
    return [propose(FIRST, "RUNNING"), propose(FIRST, "COMPLETED", **details)]


def start(**details: Any) -> list[Step]:
    """The second task run starts with the key."""
    return [propose(SECOND, "RUNNING", **{"cache_key": KEY, **details}), look(SECOND)]


CASES = [
    cached("found", *fill(), *start()),
    cached("found with metadata", *fill(data=METADATA), *start()),
    cached("found without a result", *fill(data=None), *start()),
    cached("found with a message", *fill(message="made", name="Done"), *start()),
    cached("not found", *start()),
    cached("another key", *fill(), *start(cache_key="other-$token")),
    cached("without a key", *fill(), propose(SECOND, "RUNNING"), look(SECOND)),
    cached("not yet expired", *fill(cache_expiration="$now+600s"), *start()),
    cached("expired", *fill(cache_expiration="$now-60s"), *start()),
    cached("refreshed", *fill(), *start(refresh_cache=True)),
    cached("refresh switched off", *fill(), *start(refresh_cache=False)),
    cached(
        "forced start runs",
        *fill(),
        propose(SECOND, "RUNNING", cache_key=KEY, force=True),
        look(SECOND),
    ),
    cached(
        "forced completion fills nothing",
        propose(FIRST, "RUNNING"),
        propose(FIRST, "COMPLETED", cache_key=KEY, data=RESULT, force=True),
        *start(),
    ),
    cached(
        "a failure fills nothing",
        propose(FIRST, "RUNNING"),
        propose(FIRST, "FAILED", cache_key=KEY, data=RESULT),
        *start(),
    ),
    cached(
        "the newest wins",
        *fill(message="old"),
        make(None, known="third"),
        propose("task_runs/$third", "RUNNING"),
        propose("task_runs/$third", "COMPLETED", cache_key=KEY, message="new"),
        *start(),
    ),
    cached(
        "an expired newer one does not hide an older one",
        *fill(message="old"),
        make(None, known="third"),
        propose("task_runs/$third", "RUNNING"),
        propose(
            "task_runs/$third",
            "COMPLETED",
            cache_key=KEY,
            message="new",
            cache_expiration="$now-60s",
        ),
        *start(),
    ),
    cached(
        "a cached state fills the cache again",
        *fill(),
        *start(),
        make(None, known="third"),
        propose("task_runs/$third", "RUNNING", cache_key=KEY),
        look("task_runs/$third"),
    ),
    cached(
        "found by a completed task run",
        *fill(data=None),
        propose(FIRST, "RUNNING", cache_key=KEY),
        look(FIRST),
    ),
    cached("key of 2000", *fill(cache_key="k" * 1990 + "$token"), look(FIRST)),
    cached(
        "key of 2001",
        *fill(cache_key="k" * 1991 + "$token"),
        look(FIRST),
        *start(cache_key="k" * 1991 + "$token"),
    ),
]
