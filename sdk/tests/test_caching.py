from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orion import flow, task
from orion.cache_policies import INPUTS, RUN_ID
from orion.results import LocalStorage
from orion.tasks import task_input_hash
from orion.testing import harness


def counted(**options: Any) -> tuple[Any, list[Any]]:
    calls: list[Any] = []

    @task(**options)
    def work(x: Any, session: Any = None) -> Any:
        calls.append(x)
        return [x]

    return work, calls


@pytest.mark.parametrize(
    "options",
    [
        {"cache_policy": INPUTS},
        {"cache_key_fn": task_input_hash},
        {"cache_key_fn": lambda ctx, parameters: f"k{parameters['x']}"},
    ],
    ids=["policy", "hash", "function"],
)
def test_equal_inputs_run_once(options: Any) -> None:
    work, calls = counted(**options)

    assert work(1) == work(1) == [1]
    assert work(2) == [2]
    assert calls == [1, 2]
    assert work.as_state(1).name == "Cached"


def test_a_key_of_none_is_not_cached() -> None:
    work, calls = counted(cache_key_fn=lambda ctx, parameters: None)

    work(1)
    work(1)

    assert calls == [1, 1]


def test_an_argument_can_be_left_out_of_the_key() -> None:
    work, calls = counted(cache_policy=INPUTS - "session")

    work(1, session=object())
    work(1, session=object())

    assert calls == [1]


def test_refreshing_runs_and_overwrites() -> None:
    work, calls = counted(cache_policy=INPUTS)

    work(1)
    work.with_options(refresh_cache=True)(1)

    assert calls == [1, 1]


def test_kept_results_expire() -> None:
    work, calls = counted(cache_policy=INPUTS, cache_expiration=timedelta(seconds=-1))

    work(1)
    work(1)

    assert calls == [1, 1]


def test_policies_add_up() -> None:
    work, calls = counted(cache_policy=INPUTS + RUN_ID)

    @flow
    def twice() -> None:
        work(1)
        work(1)

    twice()
    twice()

    assert calls == [1, 1]


def test_failures_are_not_kept() -> None:
    calls: list[int] = []

    @task(cache_policy=INPUTS)
    def breaks() -> None:
        calls.append(1)
        raise ValueError("no")

    breaks.as_state()
    breaks.as_state()

    assert len(calls) == 2


def test_the_server_gets_a_reference_and_never_the_value() -> None:
    work, _ = counted(persist_result=True)

    @flow
    def keeps() -> None:
        work("secret value")

    with harness() as server:
        keeps()

    data = server.task_runs()[0]["state"]["data"]
    assert data["type"] == "reference"
    assert LocalStorage().read(data["storage_key"]).value == ["secret value"]  # type: ignore[union-attr]
    assert "secret value" not in str(data)


def test_an_unreadable_record_is_made_anew() -> None:
    work, calls = counted(cache_policy=INPUTS)
    work(1)
    for file in LocalStorage().path.iterdir():
        file.write_bytes(b"garbage\n")

    assert work(1) == [1]
    assert calls == [1, 1]


def test_a_cached_task_cannot_drop_its_result() -> None:
    with pytest.raises(ValueError, match="persist_result"):
        counted(cache_key_fn=task_input_hash, persist_result=False)


def test_a_key_function_that_raises_fails_the_run() -> None:
    def broken(ctx: Any, parameters: Any) -> str:
        raise RuntimeError("no key")

    work, calls = counted(cache_key_fn=broken)

    assert work.as_state(1).message == "RuntimeError: no key"
    assert calls == []
