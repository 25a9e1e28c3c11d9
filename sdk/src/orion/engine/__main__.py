"""`python -m orion.engine <flow run id>`: execute one run, exit with its outcome."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orion.client import deployments, flow_runs
from orion.client.transport import Transport
from orion.exceptions import (
    Abort,
    ApiUnreachable,
    FlowCancelled,
    HTTPStatusError,
    OrionError,
    ScriptError,
    TerminationSignal,
)
from orion.settings import settings
from orion.worker import claims, exits
from orion.worker.beat import Beat
from orion.worker.environment import CLAIM, GATE
from orion.worker.loading import forget_server_tree, load_flow
from orion.worker.pulling import PullError, pull

if TYPE_CHECKING:
    from orion.flows import Flow
    from orion.states import State

logger = logging.getLogger("orion.engine")


def main(arguments: list[str]) -> int:
    """The exit code says to the agent what happened; see `orion.worker.exits`."""
    flow_run_id = arguments[0] if arguments else os.environ.get("ORION_FLOW_RUN_ID", "")
    try:
        flow_run_id = str(uuid.UUID(flow_run_id))
    except ValueError:
        _say(f"Wanted the id of a flow run, found {flow_run_id!r}")
        return exits.UNLOADABLE
    _import_httpx_alone()
    if not _passes_gate():
        return exits.ABORTED
    forget_server_tree()
    transport = Transport(settings())
    try:
        return _run(transport, flow_run_id)
    finally:
        transport.close()


def _run(transport: Transport, flow_run_id: str) -> int:
    try:
        run = flow_runs.read(transport, flow_run_id)
    except (ApiUnreachable, HTTPStatusError) as error:
        _say(str(error))
        is_unknown = isinstance(error, HTTPStatusError) and error.status < 500
        return exits.UNLOADABLE if is_unknown else exits.UNREACHABLE
    if (run.get("state") or {}).get("type") in flow_runs.FINAL:
        _say(f"The run is {run['state']['name']} already: nothing to do")
        return exits.ABORTED
    os.environ["ORION_FLOW_RUN_ID"] = flow_run_id
    claim = os.environ.pop(CLAIM, "")
    interval = transport.settings.flows.heartbeat_seconds
    beat = Beat(transport, flow_run_id, interval=interval)
    beat.start()
    try:
        return _execute(transport, run, claim)
    finally:
        beat.stop()


def _execute(transport: Transport, run: dict[str, Any], claim: str) -> int:
    try:
        flow = _prepare(transport, run)
    except ApiUnreachable as error:
        _say(str(error))
        return exits.UNREACHABLE
    except PullError as error:
        _report_crash(transport, run, str(error))
        return exits.STEP_FAILED
    except (Exception, SystemExit) as error:
        _report_crash(transport, run, f"The flow could not be loaded: {_line(error)}")
        return exits.UNLOADABLE
    try:
        if claim and (reason := claims.refusal(transport, run["id"], claim)):
            _say(f"The run is another process's by now: {reason}")
            return exits.ABORTED
        from orion.engine.flow_run import execute_flow_run

        state = execute_flow_run(
            flow,
            flow_run=run,
            parameters=run.get("parameters") or {},
            transport=transport,
        )
    except ApiUnreachable as error:
        _say(str(error))
        return exits.UNREACHABLE
    except Abort as error:
        _say(f"The server stopped this run: {error}")
        return exits.ABORTED
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except (FlowCancelled, TerminationSignal):
        return exits.TERMINATED
    except Exception as error:
        _report_crash(transport, run, f"The engine failed: {_line(error)}")
        return exits.ENGINE_BUG
    return _code_of(state)


def _prepare(transport: Transport, run: dict[str, Any]) -> Flow[..., Any]:
    """Go to the deployment's folder and import the flow from there."""
    if not run.get("deployment_id"):
        raise ScriptError("The run belongs to no deployment: nothing says where it is")
    deployment = deployments.read(transport, run["deployment_id"])
    entrypoint = deployment.get("entrypoint")
    if not entrypoint:
        raise ScriptError(f"The deployment {deployment['name']} has no entrypoint")
    folder = pull(deployment, Path.cwd())
    os.chdir(folder)
    return load_flow(entrypoint, folder)


def _code_of(state: State[Any]) -> int:
    if state.is_paused() or state.is_scheduled():
        return exits.RESCHEDULED
    return exits.FAILED if state.is_failed() or state.is_crashed() else exits.OK


def _import_httpx_alone() -> None:
    """Without its command line, which would load rich and click: half of the time."""
    if "httpx" in sys.modules:
        return
    hidden = "httpx._main"
    sys.modules[hidden] = None  # type: ignore[assignment] # how to say "not installed"
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules[hidden]


def _passes_gate() -> bool:
    """Wait until the agent has written this process down; False if it died first."""
    if os.environ.pop(GATE, None) is None:
        return True
    is_open = os.read(0, 1) != b""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return is_open


def _report_crash(transport: Transport, run: dict[str, Any], message: str) -> None:
    """Tell it here too: the agent may be gone, and the traceback is known only here."""
    text = traceback.format_exc()
    _say(text)
    try:
        claims.crash(transport, run["id"], message, details=text)
    except OrionError as error:
        _say(f"This could not be reported: {error}")


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
