from __future__ import annotations

from typing import Any

import pytest

from orion import allow_failure, flow, task, unmapped
from orion.exceptions import MappingLengthMismatch, MappingMissingIterable
from orion.futures import FutureList


@task
def pair(a: Any, b: Any = None) -> tuple[Any, Any]:
    return a, b


def mapped(*args: Any, **kwargs: Any) -> list[Any]:
    @flow
    def maps() -> list[Any]:
        return pair.map(*args, **kwargs).result()

    return maps()


def test_iterables_are_zipped() -> None:
    assert mapped([1, 2], (3, 4)) == [(1, 3), (2, 4)]


def test_keywords_are_mapped_too() -> None:
    assert mapped([1, 2], b=range(2)) == [(1, 0), (2, 1)]


@pytest.mark.parametrize(
    "static", [7, "text", b"bytes", {"a": 1}, unmapped([1, 2, 3])], ids=repr
)
def test_static_arguments_go_to_every_run(static: Any) -> None:
    whole = static.value if isinstance(static, unmapped) else static

    assert mapped([1, 2], static) == [(1, whole), (2, whole)]


def test_generators_are_consumed_once() -> None:
    assert mapped(n * n for n in range(3)) == [(0, None), (1, None), (4, None)]


def test_an_empty_list_makes_no_runs() -> None:
    assert mapped([]) == []


def test_different_lengths_are_refused_by_name() -> None:
    with pytest.raises(MappingLengthMismatch, match="a has 2, b has 3"):
        mapped([1, 2], [1, 2, 3])


def test_something_to_iterate_over_is_needed() -> None:
    with pytest.raises(MappingMissingIterable, match="submit"):
        mapped(1, 2)


def test_futures_of_lists_and_lists_of_futures_are_mapped() -> None:
    @task
    def numbers() -> list[int]:
        return [1, 2]

    @flow
    def maps() -> list[Any]:
        first = pair.map(numbers.submit())
        return pair.map(first).result()

    assert maps() == [((1, None), None), ((2, None), None)]


def test_an_unmapped_future_is_awaited_and_passed_whole() -> None:
    @task
    def numbers() -> list[int]:
        return [1, 2]

    @flow
    def maps() -> list[Any]:
        return pair.map([0, 0], unmapped(numbers.submit())).result()

    assert maps() == [(0, [1, 2]), (0, [1, 2])]


def test_failures_of_elements_can_be_allowed() -> None:
    @task
    def odd(n: int) -> int:
        if n % 2 == 0:
            raise ValueError(n)
        return n

    @flow
    def maps() -> list[Any]:
        return pair.map(allow_failure(odd.map([1, 2]))).result()

    (first, _), (second, _) = maps()
    assert first == 1
    assert isinstance(second, ValueError)


def test_results_can_hold_exceptions() -> None:
    @task
    def breaks(n: int) -> int:
        raise ValueError(n)

    @flow
    def maps() -> list[Any]:
        futures = breaks.map([1, 2])
        assert isinstance(futures, FutureList)
        return futures.result(return_exceptions=True)

    assert [str(each) for each in maps()] == ["1", "2"]


def test_mapped_runs_can_wait_for_others() -> None:
    order: list[str] = []

    @task
    def before() -> None:
        order.append("before")

    @task
    def note(n: int) -> None:
        order.append("after")

    @flow
    def maps() -> None:
        note.after(before.submit()).map([1, 2]).wait()

    maps()

    assert order == ["before", "after", "after"]
