"""Our server gives the recorded answers of both originals, and says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.golden import intended
from tests.golden.cases import CASES
from tests.golden.house import House
from tests.golden.originals import VERSIONS
from tests.golden.replay import FAILED, Play
from tests.golden.rules import rule_for
from tests.golden.script import Case, Step
from tests.golden.store import load

RECORDED = {generation: load(version) for generation, version in VERSIONS.items()}
PLAYS = [
    pytest.param(generation, case, id=f"{VERSIONS[generation]} {case.name}")
    for generation in VERSIONS
    for case in CASES
    if generation in case.generations
]
DECISIONS = Path(__file__).parents[2] / "docs/decisions/0003-intended-differences.md"


class Explained:
    """Asks after each refusal why, and compares rule, verdict and reason."""

    def __init__(self, house: House, generation: int) -> None:
        self.house = house
        self.generation = generation
        self.wanted: list[tuple[str | None, str, str]] = []
        self.told: list[tuple[str | None, str, str]] = []

    def __call__(self, step: Step, path: str, kept: dict[str, Any]) -> None:
        if kept["verdict"] == "ACCEPT":
            return
        rule = rule_for(
            path.split("/")[1],
            kept["reason"],
            generation=self.generation,
            forced=bool(step.body.get("force")),
        )
        newest = next(iter(self.house.why(path)), {})
        self.wanted.append((rule, kept["verdict"], kept["reason"]))
        self.told.append(
            (
                newest.get("rule"),
                newest.get("verdict", ""),
                self.house.symbols.find(newest.get("reason", "")),
            )
        )


@pytest.mark.django_db
@pytest.mark.parametrize(("generation", "case"), PLAYS)
def test_our_server_answers_like_the_original_and_says_why(generation: int, case: Case):
    house = House()
    explained = Explained(house, generation)
    play = Play(case, house, VERSIONS[generation], explained)
    house.symbols = play.symbols
    recorded = RECORDED[generation]
    answers = recorded[case.name]["answers"]
    row = intended.difference(case.name, answers, generation)
    wanted = intended.ours(recorded, case.name, row)

    given = play.run()

    assert recorded[case.name]["script"] == case.digest(), "record it again"
    assert FAILED not in given
    assert given[: len(wanted) if row and row.fails else None] == wanted
    assert explained.told == explained.wanted


def test_every_recorded_case_is_still_a_case():
    known = {case.name for case in CASES}

    assert {name for cases in RECORDED.values() for name in cases} <= known


@pytest.mark.parametrize("row", intended.DIFFERENCES, ids=lambda row: row.cases[0])
def test_an_intended_difference_is_real_and_decided(row: intended.Difference):
    covered = [
        (RECORDED[generation], case.name)
        for generation in row.generations
        for case in CASES
        if generation in case.generations
        and row.covers(case.name, generation)
        and (not row.fails or RECORDED[generation][case.name]["answers"][-1] == FAILED)
    ]

    assert f"## {row.paragraph}\n" in DECISIONS.read_text()
    assert covered
    for recorded, name in covered:
        wanted = intended.ours(recorded, name, row)
        assert wanted != recorded[name]["answers"], f"{name} does not differ"
