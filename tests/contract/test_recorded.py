"""Our server answers the operations around deployments like both originals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.contract.cases import CASES
from tests.contract.intended import DIFFERENCES, Intended
from tests.contract.play import differences, play
from tests.contract.store import load
from tests.golden.originals import VERSIONS
from tests.golden.replay import FAILED
from tests.golden.script import Case

RECORDED = {generation: load(version) for generation, version in VERSIONS.items()}
PLAYS = [
    pytest.param(generation, case, id=f"{VERSIONS[generation]} {case.name}")
    for generation in VERSIONS
    for case in CASES
    if generation in case.generations
]
PLAYED: dict[tuple[str, int], list[str]] = {}
DECISION = (
    Path(__file__).parents[2] / "docs/decisions/0023-answers-around-deployments.md"
)


class House:
    """Our server, through Django's handler."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, body: Any, agent: str) -> tuple[int, Any]:
        """One request under `/api`; status and parsed body."""
        answer = self.client.generic(
            method,
            f"/api{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"User-Agent": agent, "X-PREFECT-API-VERSION": "0.8.4"},
        )
        content = answer.content
        return answer.status_code, json.loads(content) if content else None


def found(case: Case, generation: int) -> list[str]:
    """The same once it was asked: a play takes its time."""
    key = (case.name, generation)
    if key not in PLAYED:
        PLAYED[key] = compared(case, generation)
    return PLAYED[key]


def compared(case: Case, generation: int) -> list[str]:
    """How our answers differ from the recorded ones, step by step.

    Where the original failed, ours only must not.
    """
    wanted = RECORDED[generation][case.name]["answers"]
    given = play(case, House(), VERSIONS[generation])
    texts: list[str] = []
    for step, one, other in zip(case.steps, wanted, given, strict=False):
        if other["status"] == FAILED:
            texts.append(f"{step.do} {step.path}: failed")
        elif one["status"] != FAILED:
            place = f"{step.do} {step.path}:"
            texts += [f"{place} {text}" for text in differences(one, other)]
    return texts


@pytest.mark.django_db
@pytest.mark.parametrize(("generation", "case"), PLAYS)
def test_our_server_answers_like_the_original(generation: int, case: Case):
    texts = found(case, generation)

    rest = [
        text
        for text in texts
        if not any(row.covers(case.name, generation, text) for row in DIFFERENCES)
    ]
    assert rest == []


@pytest.mark.parametrize(("generation", "case"), PLAYS)
def test_a_recording_is_of_the_case_as_it_is(generation: int, case: Case):
    assert RECORDED[generation][case.name]["script"] == case.digest()


@pytest.mark.django_db
@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.pattern)
def test_an_intended_difference_is_real_and_decided(row: Intended):
    is_real = any(
        row.covers(case.name, generation, text)
        for generation in row.generations
        for case in CASES
        if generation in case.generations and case.name.startswith(row.cases)
        for text in found(case, generation)
    )

    assert is_real
    assert f"## {row.paragraph}\n" in DECISION.read_text()
