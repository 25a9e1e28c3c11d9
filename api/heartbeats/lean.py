"""Signs of life of agents and of the processes of runs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.lean import Answer, Call, LeanEndpoint
from api.heartbeats.shapes import AgentHeartbeat, HeartbeatAnswer, RunHeartbeat
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
        """Note it; the answer names runs that somebody wants stopped."""
        body = call.read(AgentHeartbeat)
        runs = {run.flow_run_id: run.pid for run in body.runs}
        cancel = heartbeats.agent_beats(
            body.introduction(), runs, actor=call.actor, now=call.now
        )
        answer = HeartbeatAnswer.model_construct(
            cancel=cancel, interval_seconds=body.interval_seconds
        )
        return Answer(answer)


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
