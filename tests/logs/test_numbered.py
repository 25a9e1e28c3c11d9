from __future__ import annotations

import pytest

from core.actor import OWNER, Actor
from logs.numbered import Wanted, count, window
from tests import factories as make

pytestmark = pytest.mark.django_db


def numbers(wanted: Wanted, start: int = 0, size: int = 100) -> list[int]:
    found = window(wanted, actor=OWNER, start=start, size=size)
    return [line.number for line in found]


def test_a_line_keeps_its_number_under_every_filter():
    run = make.flow_run(make.running())
    task = make.task_run(make.running(), flow_run=run)
    make.log(run, "begin")
    make.log(run, "detail", level=10)
    make.log(run, "100% of a_b", level=40, task_run_id=task.pk)
    make.log(make.flow_run(make.running()), "of another run")

    assert numbers(Wanted(run.pk)) == [1, 2, 3]
    assert numbers(Wanted(run.pk, level=20)) == [1, 3]
    assert numbers(Wanted(run.pk, task_run_id=task.pk)) == [3]
    assert numbers(Wanted(run.pk, text="BEG")) == [1]
    assert count(Wanted(run.pk, level=20), actor=OWNER) == 2


@pytest.mark.parametrize(
    ("text", "found"), [("%", [3]), ("_", [3]), ("!", []), ("a_b", [3]), ("0%_of", [])]
)
def test_a_search_takes_every_sign_as_itself(text: str, found: list[int]):
    run = make.flow_run(make.running())
    for line in ("begin", "detail", "100% of a_b"):
        make.log(run, line)

    assert numbers(Wanted(run.pk, text=text)) == found


def test_lines_come_in_windows():
    run = make.flow_run(make.running())
    for n in range(10):
        make.log(run, f"line {n}")

    assert numbers(Wanted(run.pk), start=4, size=3) == [5, 6, 7]


def test_another_workspace_sees_no_lines():
    run = make.flow_run(make.running())
    make.log(run)
    stranger = Actor("owner", "stranger", workspace_id=2)

    assert window(Wanted(run.pk), actor=stranger, start=0, size=9) == []
