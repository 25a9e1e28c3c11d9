"""No server: the reporter answers as a server would, and remembers nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orion.report.reporter import ACCEPT, REJECT, Verdict
from orion.states import AwaitingRetry

if TYPE_CHECKING:
    from orion.engine.runs import FlowRun, TaskRun
    from orion.states import State


class OfflineReporter:
    """Accepts every state; failed flows are retried as their policy says."""

    is_offline = True

    def create_flow_run(self, run: FlowRun, placeholder: TaskRun | None) -> None:
        if placeholder is not None:
            run.parent_task_run_id = placeholder.id

    def adopt_flow_run(self, run: FlowRun) -> None:
        pass

    def propose_flow(self, run: FlowRun, state: State[Any]) -> Verdict:
        retries = run.empirical_policy.get("retries") or 0
        has_run = run.state is not None and run.state.is_running()
        if state.is_failed() and has_run and run.run_count <= retries:
            delay = float(run.empirical_policy.get("retry_delay") or 0)
            due = datetime.now(UTC) + timedelta(seconds=delay)
            again = AwaitingRetry(due, message=state.message)
            return Verdict(REJECT, again, reason="Retrying")
        return Verdict(ACCEPT)

    def is_gated(self, run: TaskRun) -> bool:
        return False

    def begin_task(self, run: TaskRun, state: State[Any]) -> None:
        pass

    def create_task(self, run: TaskRun, state: State[Any]) -> None:
        pass

    def propose_task(self, run: TaskRun, state: State[Any]) -> Verdict:
        return Verdict(ACCEPT)

    def tell_task(self, run: TaskRun, state: State[Any], *, is_last: bool) -> None:
        pass

    def settle(self, run: FlowRun) -> None:
        pass

    def log(self, record: dict[str, Any]) -> None:
        pass

    def drain(self) -> None:
        pass
