from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from orion import flow, get_run_context, runtime, tags, task
from orion.context import FlowRunContext, TaskRunContext, wrap


@task
def where() -> Any:
    return runtime.task_run.flow_run_id


@task
async def awhere() -> Any:
    return runtime.task_run.flow_run_id


def test_the_context_is_that_of_the_innermost_run() -> None:
    @task
    def inside() -> None:
        assert isinstance(get_run_context(), TaskRunContext)

    @flow
    def outside() -> None:
        inside()
        ctx = get_run_context()
        assert isinstance(ctx, FlowRunContext)
        assert (ctx.attempt, ctx.cancel_requested) == (1, False)
        assert ctx.start_time is not None

    outside()


def test_tasks_belong_to_the_flow_however_they_are_started() -> None:
    @task
    def nested() -> Any:
        return where()

    @flow
    def starts() -> list[Any]:
        mine = runtime.flow_run.id
        found = [
            where(),
            where.submit().result(),
            nested.submit().result(),
            asyncio.run(awhere()),
            awhere.submit().result(),
        ]
        return [each == mine for each in found]

    assert starts() == [True] * 5


def test_own_threads_keep_the_run_when_they_are_wrapped() -> None:
    @flow
    def threaded() -> list[Any]:
        found: list[Any] = []
        work = [wrap(lambda: found.append(where())), lambda: found.append(where())]
        for each in work:
            thread = threading.Thread(target=each)
            thread.start()
            thread.join()
        return [each == runtime.flow_run.id for each in found]

    assert threaded() == [True, False]


def test_a_plain_flow_can_overlap_in_a_thread_of_an_async_one() -> None:
    @flow
    def child() -> Any:
        return runtime.flow_run.parent_flow_run_id

    @flow
    async def parent() -> list[bool]:
        mine = runtime.flow_run.id
        found = [await asyncio.to_thread(child), child()]
        return [each == mine for each in found]

    assert asyncio.run(parent()) == [True, True]


def test_tags_end_with_their_block() -> None:
    with tags("a") as outer, tags("b") as inner:
        assert outer == {"a"}
        assert inner == {"a", "b"}
    with tags() as rest:
        assert rest == set()


def test_facts_can_be_given_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORION__RUNTIME__FLOW_RUN__NAME", "made-up")

    assert runtime.flow_run.name == "made-up"
    with pytest.raises(AttributeError, match="no field 'nme'"):
        runtime.flow_run.nme  # noqa: B018 - reading it is the test
