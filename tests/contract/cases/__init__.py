"""All cases, by family."""

from __future__ import annotations

from tests.contract.cases import (
    blocks,
    deployment_runs,
    deployments,
    limits,
    lists,
    pools,
    queues,
    schedules,
)
from tests.golden.script import Case

FAMILIES = (
    blocks,
    deployment_runs,
    deployments,
    limits,
    lists,
    pools,
    queues,
    schedules,
)
CASES: list[Case] = [case for family in FAMILIES for case in family.CASES]

assert len({case.name for case in CASES}) == len(CASES), "two cases share a name"
