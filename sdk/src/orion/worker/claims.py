"""Taking a run, giving it back, and settling what its process left open."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orion.client import flow_runs, logs
from orion.exceptions import HTTPStatusError
from orion.worker.exits import ABORTED, RESCHEDULED, describe

if TYPE_CHECKING:
    from orion.client.transport import Transport
    from orion.worker.child import Child
    from orion.worker.sources import DueRun

logger = logging.getLogger("orion.agent")
LONGEST_MESSAGE, ASK_AGAIN_SECONDS = 4000, 600.0


class Claims:
    """Takes runs in the name of one agent; each with a token that only it knows."""

    def __init__(self, transport: Transport, agent: str) -> None:
        self.transport, self.agent = transport, agent
        self._classic_until = 0.0

    def take(self, run: DueRun, token: str) -> bool:
        """Make the run ours by its Pending state; False if someone was faster."""
        verdict = self._ask(run.id, token)
        if not verdict.is_accepted:
            logger.info("run %s was not given to us: %s", run.name, verdict.reason)
        return verdict.is_accepted

    def _ask(self, flow_run_id: str, token: str) -> flow_runs.Verdict:
        if time.monotonic() >= self._classic_until:
            found = lease(self.transport, flow_run_id, self.agent, token)
            if found is not None:
                return found
            self._classic_until = time.monotonic() + ASK_AGAIN_SECONDS
        message = claimed_by(self.agent)
        return flow_runs.propose(
            self.transport, flow_run_id, "PENDING", message=message
        )


def lease(
    transport: Transport, flow_run_id: str, agent: str, token: str
) -> flow_runs.Verdict | None:
    """Claim a run, or make a claim last longer; None where no claims are known."""
    body = {"agent": agent, "token": token, "message": claimed_by(agent)}
    path = f"/x/v1/flow_runs/{flow_run_id}/claim"
    try:
        answer = transport.request("POST", path, json=body).json()
    except HTTPStatusError as error:
        if error.status in (404, 405):
            return None
        raise
    return flow_runs.Verdict(
        status=answer["status"],
        state=answer.get("state") or {},
        details=answer.get("details") or {},
        transition_id=token,
    )


def spelt(token: str, agent: str) -> str:
    """A claim as its job is told of it."""
    return f"{token}/{agent}"


def refusal(transport: Transport, flow_run_id: str, claim: str) -> str | None:
    """Why a job may not begin: its claim ran out and the run was given to another.

    Asking makes the claim last long enough for the Running that comes next.
    """
    token, _, agent = claim.partition("/")
    verdict = lease(transport, flow_run_id, agent, token)
    if verdict is None or verdict.is_accepted:
        return None
    return verdict.reason or f"the run is {verdict.state.get('name')}"


def claimed_by(agent: str) -> str:
    """The message of the Pending state by which a run is known as this agent's."""
    return f"Claimed by agent {agent}"


def hand_back(transport: Transport, flow_run_id: str, agent: str) -> None:
    """Let others have a run that this agent claimed and did not start."""
    try:
        run = flow_runs.read(transport, flow_run_id)
    except HTTPStatusError as error:
        if error.status == 404:
            return
        raise
    state = run.get("state") or {}
    if state.get("type") != "PENDING" or state.get("message") != claimed_by(agent):
        return
    due = run.get("next_scheduled_start_time") or run.get("expected_start_time")
    flow_runs.propose(
        transport,
        flow_run_id,
        "SCHEDULED",
        message=f"Agent {agent} ended before it started the run",
        details={"scheduled_time": due or datetime.now(UTC).isoformat()},
    )
    logger.info("run %s was handed back", run["name"])


def settle(transport: Transport, child: Child, agent: str) -> None:
    """Report the end of a process whose run is not final."""
    try:
        run = flow_runs.read(transport, child.flow_run_id)
    except HTTPStatusError as error:
        if error.status == 404:
            return  # the run was deleted: nobody waits for its end
        raise
    now = _state_type(run)
    if now in flow_runs.FINAL or _is_put_off(now, child):
        return
    if child.handle.is_adopted and now == "PENDING" and not child.is_cancelled:
        hand_back(transport, child.flow_run_id, agent)
        return
    if now == "PENDING":
        _send_last_lines(transport, child)
    if child.is_cancelled or now == "CANCELLING":
        text = "killed after the grace period" if child.was_killed else "stopped"
        _report(transport, child, "CANCELLED", f"The run was cancelled: {text}.")
    else:
        _report(transport, child, "CRASHED", crash_message(child))


def crash(
    transport: Transport, flow_run_id: str, message: str, *, details: str = ""
) -> None:
    """Say that the run could not be started, and why, in its state and its log."""
    flow_runs.propose(
        transport, flow_run_id, "CRASHED", message=message[:LONGEST_MESSAGE]
    )
    text = f"{message}\n{details}" if details else message
    logs.send(transport, flow_run_id, text, name="orion.agent", level=logging.ERROR)


def crash_message(child: Child) -> str:
    """Code, signal and the last lines on stderr, newest kept if they are long."""
    first = child.handle.problem or describe(child.code)
    last = "\n".join(child.output.err.last)
    if not last:
        return first
    return f"{first}\nIts last lines on stderr:\n{last[-LONGEST_MESSAGE:]}"


def _is_put_off(state: str, child: Child) -> bool:
    """Refused runs are another process's; put-off ones wait for their next start."""
    if child.code == RESCHEDULED:
        return state in ("SCHEDULED", "PAUSED")
    return child.code == ABORTED


def _report(transport: Transport, child: Child, state: str, message: str) -> None:
    verdict = flow_runs.propose(transport, child.flow_run_id, state, message=message)
    if verdict.is_accepted:
        logger.warning("run %s is %s: %s", child.name, state, message)
    else:
        logger.info("run %s kept its state: %s", child.name, verdict.reason)


def _send_last_lines(transport: Transport, child: Child) -> None:
    """The engine had not started: what the process printed is in no log yet."""
    lines = [*child.output.out.last, *child.output.err.last]
    if lines:
        text = "\n".join(lines)
        logs.send(
            transport, child.flow_run_id, text, name="orion.agent", level=logging.ERROR
        )


def _state_type(run: dict[str, Any]) -> str:
    return str((run.get("state") or {}).get("type") or run.get("state_type") or "")
