from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from orion import Fail, Flow, Skip, State, flow, runtime, tags, task
from orion.exceptions import (
    ParameterTypeError,
    ReservedArgumentError,
    SignatureMismatchError,
)
from orion.states import Completed, Failed


@flow
def double(x: int) -> int:
    return 2 * x


def test_a_flow_returns_the_value_of_its_function() -> None:
    assert double(4) == 8


def test_the_bare_function_is_kept() -> None:
    assert double.fn(3) == 6


def test_an_async_flow_is_awaited() -> None:
    @flow
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    assert asyncio.run(later(1)) == 2


def test_an_exception_leaves_the_flow_as_the_same_object() -> None:
    error = ValueError("no")

    @flow
    def fails() -> None:
        raise error

    with pytest.raises(ValueError, match="no") as caught:
        fails()

    assert caught.value is error


def test_as_state_does_not_raise() -> None:
    @flow
    def fails() -> None:
        raise ValueError("no")

    state = fails.as_state()

    assert (state.type, state.name, state.message) == (
        "FAILED",
        "Failed",
        "ValueError: no",
    )


def test_return_state_is_understood_at_run_time() -> None:
    anything: Any = double

    state = anything(2, return_state=True)

    assert isinstance(state, State)
    assert state.result() == 4


def test_a_returned_state_is_the_flows_state() -> None:
    @flow
    def picky() -> State[Any]:
        return Failed(message="not good enough")

    assert picky.as_state().message == "not good enough"


def test_fail_and_skip_set_the_state() -> None:
    @flow
    def decides(word: str) -> None:
        raise {"fail": Fail, "skip": Skip}[word]("because")

    assert decides.as_state("fail").message == "because"
    assert decides.as_state("skip").name == "Skipped"


def test_parameters_are_coerced_before_the_body_runs() -> None:
    @flow
    def day_after(day: date, steps: int = 1) -> tuple[date, int]:
        return day, steps

    anything: Any = day_after

    assert anything("2026-01-02", steps="3") == (date(2026, 1, 2), 3)


def test_wrong_parameters_fail_the_run_and_name_the_parameter() -> None:
    calls: list[int] = []

    @flow
    def counts(n: int) -> None:
        calls.append(n)

    anything: Any = counts

    with pytest.raises(ParameterTypeError, match=r"Validation .* failed: n: "):
        anything("many")
    assert calls == []


def test_missing_arguments_are_refused_at_once() -> None:
    anything: Any = double

    with pytest.raises(SignatureMismatchError, match="x"):
        anything()


def test_a_flow_is_retried_as_often_as_permitted() -> None:
    attempts: list[int] = []

    @flow(retries=2)
    def third_time_lucky() -> int:
        attempts.append(runtime.flow_run.run_count)
        if len(attempts) < 3:
            raise ValueError("not yet")
        return len(attempts)

    assert third_time_lucky() == 3
    assert attempts == [1, 2, 3]


def test_a_flow_that_keeps_failing_fails_in_the_end() -> None:
    attempts: list[int] = []

    @flow(retries=1)
    def hopeless() -> None:
        attempts.append(1)
        raise ValueError("never")

    with pytest.raises(ValueError, match="never"):
        hopeless()
    assert len(attempts) == 2


def test_a_condition_can_forbid_a_retry() -> None:
    attempts: list[int] = []

    @flow(retries=3, retry_condition_fn=lambda flow, run, state: False)
    def hopeless() -> None:
        attempts.append(1)
        raise ValueError("never")

    assert hopeless.as_state().is_failed()
    assert len(attempts) == 1


def test_hooks_are_called_in_order_and_may_fail() -> None:
    heard: list[str] = []

    def broken(flow: Any, run: Any, state: State[Any]) -> None:
        heard.append("broken")
        raise RuntimeError("in a hook")

    @flow(on_running=[lambda f, r, s: heard.append(s.name)], on_completion=[broken])
    def short() -> int:
        heard.append("body")
        return 1

    @short.on_completion
    def said(flow: Flow[..., Any], run: Any, state: State[Any]) -> None:
        heard.append(f"{flow.name} {state.name}")

    assert short() == 1
    assert heard == ["Running", "body", "broken", "short Completed"]


def test_a_subflow_knows_where_it_comes_from() -> None:
    seen: dict[str, Any] = {}

    @flow
    def child() -> None:
        seen["parent"] = runtime.flow_run.parent_flow_run_id
        seen["root"] = runtime.flow_run.root_flow_run_id
        seen["tags"] = runtime.flow_run.tags

    @flow
    def parent() -> None:
        seen["id"] = runtime.flow_run.id
        with tags("night"):
            child()

    parent()

    assert seen["parent"] == seen["root"] == seen["id"]
    assert seen["tags"] == ["night"]


def test_prints_go_to_the_log_and_are_inherited(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    @task
    def speaks() -> None:
        print("from the", "task")

    @flow(log_prints=True)
    def talkative() -> None:
        print("one\ntwo", end="")
        speaks()

    with caplog.at_level("INFO", "orion"):
        talkative()
    print("outside")

    assert {"one", "two", "from the task"} <= set(caplog.messages)
    assert capsys.readouterr().out == "outside\n"


def test_names_come_from_templates() -> None:
    @flow(flow_run_name="{flow_name} of {day}")
    def report(day: str) -> str:
        return str(runtime.flow_run.name)

    assert report("monday") == "report of monday"


def test_a_bad_template_does_not_fail_the_run() -> None:
    @flow(flow_run_name="{nothing}")
    def report() -> str:
        return str(runtime.flow_run.name)

    assert "-" in report()


def test_methods_are_flows_without_self() -> None:
    class Shop:
        price = 3

        @flow
        def total(self, count: int) -> int:
            return self.price * count

    assert Shop().total(2) == 6


def test_with_options_leaves_the_original_alone() -> None:
    other = double.with_options(name="twice", retries=1)

    assert (other.name, other.retries) == ("twice", 1)
    assert (double.name, double.retries) == ("double", None)
    assert other(2) == 4


def test_the_limit_of_a_flow_interrupts_it() -> None:
    @flow(timeout_seconds=0.05)
    def endless() -> None:
        while True:
            pass

    assert endless.as_state().name == "TimedOut"


def test_the_limit_of_an_async_flow_interrupts_it() -> None:
    @flow(timeout_seconds=0.05)
    async def endless() -> None:
        await asyncio.Event().wait()

    assert asyncio.run(endless.as_state()).name == "TimedOut"


def test_a_reserved_parameter_name_is_refused() -> None:
    with pytest.raises(ReservedArgumentError, match="wait_for"):

        @flow
        def clash(wait_for: int) -> None: ...


def test_an_unknown_option_is_refused_with_the_closest_one() -> None:
    anything: Any = flow

    with pytest.raises(TypeError, match="did you mean 'retries'"):
        anything(retires=3)(lambda: None)


def test_generators_are_refused() -> None:
    with pytest.raises(TypeError, match="generators"):

        @flow
        def stream() -> Any:
            yield 1


def test_a_failing_task_fails_the_flow_unless_it_is_handled() -> None:
    @task
    def breaks() -> None:
        raise KeyError("k")

    @flow
    def careless() -> None:
        breaks()

    @flow
    def careful() -> str:
        try:
            breaks()
        except KeyError:
            return "handled"
        return "not raised"

    assert careless.as_state().is_failed()
    assert careful() == "handled"


def test_schema_names_types_defaults_and_what_is_required() -> None:
    @flow
    def report(day: date, regions: list[str] = ["eu"]) -> None: ...  # noqa: B006

    schema = report.parameter_schema()

    assert schema["required"] == ["day"]
    assert schema["properties"]["day"]["format"] == "date"
    assert schema["properties"]["regions"]["default"] == ["eu"]


def test_completed_can_carry_a_value() -> None:
    @flow
    def early() -> State[int]:
        return Completed(data=5, message="early")

    assert early.as_state().result() == 5
