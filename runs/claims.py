"""Claims: a run is an agent's to start for as long as the agent says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.conf import conf
from core.dialect import THREE, Dialect
from core.sql import write
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Claim, Outcome, Proposal
from runs.states import FINAL, StateType


def claim(
    id: UUID,
    by: Claim,
    *,
    actor: Actor,
    message: str | None = None,
    dialect: Dialect = THREE,
    now: datetime | None = None,
) -> Outcome:
    """Take a run to start it; asking twice with one token changes nothing.

    Raises:
        NotFound: there is no such run.
    """
    told = message or f"Claimed by agent {by.agent}."
    proposal = Proposal(StateType.PENDING, message=told)
    return propose_flow_run(
        id, proposal, actor=actor, dialect=dialect, claim=by, now=now
    )


def renew(claims: Mapping[UUID, UUID], *, actor: Actor, now: datetime) -> list[UUID]:
    """Let claims count on: tokens by flow run. Returns the runs that are lost.

    A claim that ran out and was not given back yet is renewed, too.
    """
    if not claims:
        return []
    rows = FlowRun.objects.visible_to(actor).filter(pk__in=claims)
    with write():
        found = list(
            rows.locked().order_by("pk").only("pk", "state_type", "claim_token")
        )
        mine = [run for run in found if run.claim_token == claims[run.pk]]
        waiting = [run.pk for run in mine if run.state_type == StateType.PENDING]
        FlowRun.objects.filter(pk__in=waiting).update(
            claim_expires=now + conf.agent_claim
        )
    over = {run.pk for run in found if run.state_type in FINAL}
    kept = {run.pk for run in mine} | over
    return [id for id in claims if id not in kept]
