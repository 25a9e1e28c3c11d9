"""Where we answer differently, on purpose.

Each row names a paragraph of `docs/decisions/0003-intended-differences.md` and says
exactly what replaces the recorded answers; everything else stays equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.golden.replay import FAILED

ABSENT = "<absent>"


@dataclass(frozen=True, slots=True)
class Difference:
    """Cases (as patterns of names) whose answers differ, and how.

    `instead` maps the index of a step to the keys of its answer that differ, or to the
    whole answer. Where the original failed, `fails` allows any answer below 500, and
    nothing after it is compared.
    """

    paragraph: str
    cases: tuple[str, ...]
    generations: tuple[int, ...] = (2, 3)
    instead: Mapping[int, Any] = field(default_factory=dict)
    fails: bool = False

    def covers(self, name: str, generation: int) -> bool:
        """Whether the row is about a case."""
        return generation in self.generations and any(
            fnmatchcase(name, pattern) for pattern in self.cases
        )


DIFFERENCES: tuple[Difference, ...] = ()


def difference(name: str, generation: int) -> Difference | None:
    """The row about a case, if there is one."""
    found = [row for row in DIFFERENCES if row.covers(name, generation)]
    assert len(found) <= 1, f"{len(found)} rows are about {name}"
    return found[0] if found else None


def ours(recorded: list[Any], row: Difference | None) -> list[Any]:
    """The answers that we want to give."""
    answers = deepcopy(recorded)
    if row is None:
        return answers
    for index, instead in row.instead.items():
        if not isinstance(instead, dict) or not isinstance(answers[index], dict):
            answers[index] = instead
            continue
        for key, value in instead.items():
            answers[index][key] = value
            if value == ABSENT:
                del answers[index][key]
    if row.fails:
        assert answers[-1] == FAILED, "the original did not fail"
        answers.pop()
    return answers
