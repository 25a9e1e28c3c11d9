"""Reports over the classic endpoints: gates at once, facts through the pipe."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from orion.exceptions import ApiUnreachable, HTTPStatusError
from orion.report.pipe import Fact, Pipe, complain
from orion.report.reporter import ACCEPT, WAIT, Verdict
from orion.report.shipping import LogShipper
from orion.report.spool import Spool
from orion.report.wire import (
    flow_run_body,
    is_transition,
    policy_body,
    state_body,
    task_run_body,
    transition_of,
    verdict_of,
)
from orion.settings import settings
from orion.states import Pending

if TYPE_CHECKING:
    from orion.engine.runs import FlowRun, TaskRun
    from orion.report.reporter import Sender
    from orion.states import State

T = TypeVar("T")
LONGEST_WAIT = 10.0


class ClassicReporter:
    """Speaks the Prefect 2 protocol with two requests for each task run."""

    is_offline = False

    def __init__(
        self, transport: Sender, *, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self._transport, self._pause = transport, pause
        self._pipe, self._spool = Pipe(), Spool(settings().home / "spool")
        self._logs = LogShipper(transport, self._spool, self._aliased)
        self._lock = threading.Lock()
        self._flow_ids: dict[str, UUID] = {}
        self._policies: dict[UUID, dict[str, Any]] = {}
        self._aliases: dict[str, str] = {}  # our task run id -> the server's
        atexit.register(_drain_at_exit, weakref.ref(self), os.getpid())

    # Gates

    def create_flow_run(self, run: FlowRun, placeholder: TaskRun | None) -> None:
        """The flow, the placeholder in the parent, then the run itself."""
        has_started = placeholder is not None
        run.flow_id = self._flow_id(run.flow_name, has_started=has_started)
        if placeholder is not None:
            self._create_placeholder(placeholder)
            run.parent_task_run_id = placeholder.id
        body = flow_run_body(run)
        answer = self._ask("POST", "/flow_runs/", body, has_started=has_started)
        run.id, run.name = UUID(answer["id"]), answer["name"]
        self._policies[run.id] = run.empirical_policy

    def adopt_flow_run(self, run: FlowRun) -> None:
        """Version and retries of the code that is about to run."""
        body: dict[str, Any] = {"flow_version": run.flow_version}
        if run.empirical_policy:
            body["empirical_policy"] = policy_body(run)
        self._ask("PATCH", f"/flow_runs/{run.id}", body, has_started=False)
        self._policies[run.id] = run.empirical_policy

    def propose_flow(self, run: FlowRun, state: State[Any]) -> Verdict:
        """A final state is told even if the server stays away: on disk, then."""
        path = f"/flow_runs/{run.id}/set_state"
        body = {"state": state_body(state), "force": False}
        try:
            if self._policies.get(run.id) != run.empirical_policy:
                change = {"empirical_policy": policy_body(run)}
                self._ask("PATCH", f"/flow_runs/{run.id}", change, is_last=True)
                self._policies[run.id] = run.empirical_policy
            answer = self._ask(
                "POST",
                path,
                body,
                has_started=run.state is not None,
                is_last=state.is_final(),
            )
        except ApiUnreachable as error:
            if not state.is_final():
                raise
            self._spool.keep([{"method": "POST", "path": path, "json": body}])
            complain(f"The end of {run.name} was not reported: {error}")
            return Verdict(ACCEPT)
        verdict = verdict_of(answer, state)
        if state.is_final() and verdict.status == ACCEPT:
            self._policies.pop(run.id, None)
        return verdict

    def is_gated(self, run: TaskRun) -> bool:
        """Tags may have limits, which only the server knows."""
        return bool(run.tags)

    def create_task(self, run: TaskRun, state: State[Any]) -> None:
        answer = self._ask(
            "POST", "/task_runs/", task_run_body(run, state, self._aliases)
        )
        self._learn(run, answer)

    def propose_task(self, run: TaskRun, state: State[Any]) -> Verdict:
        self._pipe.settle(str(run.id))  # what was told earlier comes first
        path = f"/task_runs/{self._id_of(run)}/set_state"
        answer = self._ask("POST", path, {"state": state_body(state), "force": False})
        return verdict_of(answer, state)

    def settle(self, run: FlowRun) -> None:
        """The tasks of a flow are known before its end is."""
        self._pipe.settle(str(run.id), settings().api.drain_timeout)

    # Facts

    def begin_task(self, run: TaskRun, state: State[Any]) -> None:
        """Create the run in its state; if it was there before, move it there."""

        def send() -> None:
            body = task_run_body(run, state, self._aliases)
            answer = self._transport.request("POST", "/task_runs/", json=body).json()
            self._learn(run, answer)
            if not is_transition(answer.get("state"), transition_of(state)):
                self._transition(run, state, is_forced=True)  # it runs once more

        self._put(
            run,
            send,
            lambda: {
                "method": "POST",
                "path": "/task_runs/",
                "json": task_run_body(run, state, self._aliases),
            },
        )

    def tell_task(self, run: TaskRun, state: State[Any], *, is_last: bool) -> None:
        """Retries are ours to decide: the server shall not add one."""
        details = {"retriable": False} if is_last and state.is_failed() else {}

        def record() -> dict[str, Any]:
            body = {"state": state_body(state, **details), "force": False}
            path = f"/task_runs/{self._id_of(run)}/set_state"
            return {"method": "POST", "path": path, "json": body}

        self._put(run, lambda: self._transition(run, state, **details), record)

    def log(self, record: dict[str, Any]) -> None:
        self._logs.add(record)

    def drain(self) -> None:
        """Wait for facts and logs; what cannot be told by the deadline is kept."""
        patience = settings().api.drain_timeout
        lost = self._pipe.drain(patience)
        if lost:
            path = self._spool.keep([fact.record() for fact in lost])
            complain(f"{len(lost)} reports could not be sent; they are in {path}")
        self._logs.drain(patience)

    # How

    def _put(
        self,
        run: TaskRun,
        send: Callable[[], None],
        record: Callable[[], dict[str, Any]],
    ) -> None:
        group = str(run.flow_run_id) if run.flow_run_id else ""
        self._pipe.put(Fact(str(run.id), group, send, record))

    def _transition(
        self,
        run: TaskRun,
        state: State[Any],
        *,
        is_forced: bool = False,
        **details: Any,
    ) -> None:
        """Set the state; after a lost answer look whether it arrived."""
        path = f"/task_runs/{self._id_of(run)}"
        body = {"state": state_body(state, **details), "force": is_forced}
        while True:
            try:
                answer = self._transport.request(
                    "POST", f"{path}/set_state", json=body, retry=False
                ).json()
            except ApiUnreachable:
                known = self._transport.request("GET", path).json().get("state")
                if is_transition(known, transition_of(state)):
                    return
                raise
            verdict = verdict_of(answer, state)
            if verdict.status != WAIT:
                return  # whatever it says: the server knows the truth
            self._pause(min(max(verdict.delay, 0.05), LONGEST_WAIT))

    def _create_placeholder(self, run: TaskRun) -> None:
        answer = self._ask(
            "POST", "/task_runs/", task_run_body(run, Pending(), self._aliases)
        )
        self._learn(run, answer)
        run.id = UUID(answer["id"])

    def _flow_id(self, name: str, *, has_started: bool) -> UUID:
        with self._lock:
            known = self._flow_ids.get(name)
        if known is None:
            body = {"name": name, "tags": []}
            answer = self._ask("POST", "/flows/", body, has_started=has_started)
            known = UUID(answer["id"])
            with self._lock:
                self._flow_ids[name] = known
        return known

    def _learn(self, run: TaskRun, answer: dict[str, Any]) -> None:
        if answer["id"] != str(run.id):
            with self._lock:
                self._aliases[str(run.id)] = answer["id"]

    def _id_of(self, run: TaskRun) -> str:
        return self._aliased(str(run.id))

    def _aliased(self, run_id: str) -> str:
        return self._aliases.get(run_id, run_id)

    def _ask(
        self,
        method: str,
        path: str,
        body: object,
        *,
        has_started: bool = True,
        is_last: bool = False,
    ) -> Any:
        """An answer now; once the run has started an outage is sat out for a while."""
        api = settings().api
        grace = api.drain_timeout if is_last else api.outage_grace
        until = time.monotonic() + grace
        pause = 0.5
        while True:
            try:
                return self._transport.request(method, path, json=body).json()
            except (ApiUnreachable, HTTPStatusError) as error:
                is_outage = isinstance(error, ApiUnreachable) or error.status >= 500
                is_over = grace >= 0 and time.monotonic() + pause > until
                if not is_outage or not has_started or is_over:
                    if isinstance(error, HTTPStatusError) and is_outage:
                        raise ApiUnreachable(str(error)) from error
                    raise
            self._pause(pause)
            pause = min(LONGEST_WAIT, pause * 2)


def _drain_at_exit(reporter: weakref.ref[ClassicReporter], pid: int) -> None:
    """Tasks outside of flows have nobody else to wait for their reports."""
    found = reporter()
    if found is not None and pid == os.getpid():  # not in a forked child
        found.drain()
