"""Signs of life of agents and of the processes of runs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.lean import Answer, Call, LeanEndpoint
from api.base.states import OrchestrationResult
from api.heartbeats.shapes import (
    AgentHeartbeat,
    ClaimBody,
    HeartbeatAnswer,
    RunHeartbeat,
)
from runs import claims, pulses
from runs.orchestration.transition import Claim
from runs.pulses import End
from work_pools import heartbeats

TAGS = ["Signs of life"]


class AgentBeats(LeanEndpoint):
    """An agent lives, and so do its runs."""

    needs = "runs.work"

    @extend_schema(
        operation_id="agent_heartbeat",
        tags=TAGS,
        request=AgentHeartbeat,
        responses={200: HeartbeatAnswer},
    )
    def post(self, call: Call) -> Answer:
        """Note it; the answer names runs to stop, and claims that are lost."""
        body = call.read(AgentHeartbeat)
        runs = {run.flow_run_id: run.pid for run in body.runs}
        cancel = heartbeats.agent_beats(
            body.introduction(), runs, actor=call.actor, now=call.now
        )
        tokens = {claim.flow_run_id: claim.token for claim in body.claims}
        lost = claims.renew(tokens, actor=call.actor, now=call.now)
        ends = [End(run.flow_run_id, run.exit) for run in body.ended]
        pulses.note_ends(ends, agent=body.name, actor=call.actor, now=call.now)
        answer = HeartbeatAnswer.model_construct(
            cancel=cancel, lost=lost, interval_seconds=body.interval_seconds
        )
        return Answer(answer)


class ClaimRun(LeanEndpoint):
    """An agent's claim on a run."""

    needs = "runs.work"
    missing_key = "exception_message"

    @extend_schema(
        operation_id="claim_flow_run",
        tags=TAGS,
        request=ClaimBody,
        responses={200: OrchestrationResult, 201: OrchestrationResult},
    )
    def post(self, call: Call, id: UUID) -> Answer:
        """Take the run to start it, or have it for longer; answers like a proposal."""
        body = call.read(ClaimBody)
        outcome = claims.claim(
            id,
            Claim(body.token, body.agent),
            message=body.message,
            actor=call.actor,
            dialect=call.dialect,
            now=call.now,
        )
        status = 201 if outcome.written else 200
        return Answer(OrchestrationResult.of(outcome), status=status)


class RunBeats(LeanEndpoint):
    """The process of a run lives."""

    needs = "runs.work"

    @extend_schema(
        operation_id="flow_run_heartbeat",
        tags=TAGS,
        request=RunHeartbeat,
        responses={204: None},
    )
    def post(self, call: Call, id: UUID) -> Answer:
        """Note it."""
        body = call.read(RunHeartbeat)
        heartbeats.run_beats(
            id,
            host=body.host,
            pid=body.pid,
            interval=body.interval_seconds,
            actor=call.actor,
            now=call.now,
        )
        return Answer(status=204)
