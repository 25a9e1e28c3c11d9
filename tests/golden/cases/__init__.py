"""All cases, by family."""

from __future__ import annotations

from tests.golden.cases import (
    background,
    caching,
    creation,
    deployment_slots,
    final,
    flows,
    pairs,
    pausing,
    requests,
    results,
    resuming,
    retries,
    subflows,
    tag_slots,
    tasks,
)
from tests.golden.script import Case

FAMILIES = (
    background,
    caching,
    creation,
    deployment_slots,
    final,
    flows,
    pairs,
    pausing,
    requests,
    results,
    resuming,
    retries,
    subflows,
    tag_slots,
    tasks,
)
CASES: list[Case] = [case for family in FAMILIES for case in family.CASES]

assert len({case.name for case in CASES}) == len(CASES), "two cases share a name"
