"""Taking a run, giving it back, and settling what its process left open."""

from __future__ import annotations

import logging
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
LONGEST_MESSAGE = 4000


def claim(transport: Transport, run: DueRun, agent: str) -> bool:
    """Make the run ours by its Pending state; False if someone was faster."""
    verdict = flow_runs.propose(transport, run.id, "PENDING", message=claimed_by(agent))
    if not verdict.is_accepted:
        logger.info("run %s was not given to us: %s", run.name, verdict.reason)
    return verdict.is_accepted


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
    is_unwatched = child.process is None
    if is_unwatched and now == "PENDING" and not child.is_cancelled:
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
    first = describe(child.code)
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
