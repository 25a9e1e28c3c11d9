"""Plays a case against a server and keeps whole answers, without their chance parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.script import COUNT, STATUS
from tests.golden.replay import FAILED, agent, dig
from tests.golden.script import Case
from tests.golden.symbols import Symbols, moment

FAR = timedelta(days=1)
CHANCE = "some"
INVALID = "invalid"
# what depends on how long the play took, or on the play's own names
MEASURED = {
    "estimated_run_time",
    "estimated_start_time_delta",
    "total_run_time",
    "sum_estimated_run_time",
    "sum_estimated_lateness",
    "checksum",
}


class Near(Symbols):
    """Times of this day are told by their distance from now, others as they are."""

    def time(self, text: str) -> str:
        """A time of an answer."""
        value = moment(text)
        if abs(value - self.now) > FAR and value not in self.sent:
            return value.astimezone(UTC).isoformat()
        return super().time(text)


def play(case: Case, server: Any, version: str) -> list[Any]:
    """Do every step; status and answer of each. A failing server ends the play."""
    symbols, kept = Near(datetime.now(UTC), case.spans), []
    for step in case.steps:
        path, body = symbols.fill(step.path), symbols.fill(step.body)
        status, answer = server.send(step.do, path, body, agent(version))
        for name, where in step.names.items():
            found = dig(answer[0] if isinstance(answer, list) else answer, where)
            if isinstance(found, str):
                symbols.ids[name] = found
        kept.append(_kept(step.keep, status, answer, symbols))
        if status == FAILED:
            break
    return kept


def _kept(keep: str, status: int, answer: Any, symbols: Symbols) -> dict[str, Any]:
    if keep == STATUS or status == FAILED:
        return {"status": status}
    if keep == COUNT and isinstance(answer, list):
        return {"status": status, "count": len(answer)}
    if isinstance(answer, dict) and "exception_detail" in answer:
        answer = INVALID  # validators differ in what they list
    return {"status": status, "answer": symbols.find(_steady(answer))}


def _steady(value: Any) -> Any:
    """The answer without what differs between two plays."""
    if isinstance(value, dict):
        return {
            key: CHANCE if key in MEASURED and item is not None else _steady(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_steady(item) for item in value]
    return value


def differences(wanted: Any, given: Any, place: str = "") -> list[str]:
    """Where our answer lacks or contradicts the recorded one; more keys are fine."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        found = []
        for key, value in wanted.items():
            inner = f"{place}.{key}" if place else key
            if key in given:
                found += differences(value, given[key], inner)
            else:
                found.append(f"{inner}: missing, wanted {value!r}")
        return found
    if wanted == INVALID and isinstance(given, dict) and set(given) == {"detail"}:
        return []  # refused by us in words of our own
    if isinstance(wanted, list) and isinstance(given, list):
        if place.endswith("tags"):  # a set: its order is chance
            wanted, given = sorted(wanted), sorted(given)
        if len(wanted) != len(given):
            return [f"{place}: {len(wanted)} items wanted, found {len(given)}"]
        return [
            text
            for index, (one, other) in enumerate(zip(wanted, given, strict=True))
            for text in differences(one, other, f"{place}[{index}]")
        ]
    return [] if wanted == given else [f"{place}: wanted {wanted!r}, found {given!r}"]
