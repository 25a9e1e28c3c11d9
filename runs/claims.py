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
from runs.orchestration.engine import begin, carry_out, policy_for
from runs.orchestration.loading import load
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
    """Take a run to start it. Who has it already has it for longer.

    Raises:
        NotFound: there is no such run.
    """
    told = message or f"Claimed by agent {by.agent}"
    proposal = Proposal(StateType.PENDING, message=told)
    with write():
        run, current = load("flow_run", id, actor)
        t = begin(run, current, proposal, dialect=dialect, now=now)
        if t.from_type == StateType.PENDING and run.claim_token == by.token:
            _extend([id], t.now)
            return Outcome("ACCEPT", current, written=False)
        t.claim = by
        policy = policy_for("flow_run", dialect, False, proposal)
        return carry_out(t, policy, actor=actor)


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
        _extend(waiting, now)
    over = {run.pk for run in found if run.state_type in FINAL}
    kept = {run.pk for run in mine} | over
    return [id for id in claims if id not in kept]


def _extend(ids: list[UUID], now: datetime) -> None:
    FlowRun.objects.filter(pk__in=ids).update(claim_expires=now + conf.agent_claim)
