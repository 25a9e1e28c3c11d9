"""Rules about trying again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Proposal, RunRow, Transition, stamp
from runs.orchestration.verdicts import Accept, Reject, Verdict
from runs.states import AWAITING_RETRY

_REASON = "Retrying"


def awaiting_retry(t: Transition, at: datetime, **details: Any) -> Proposal:
    """The state between two attempts, with what the failure said."""
    return Proposal(
        StateType.SCHEDULED,
        AWAITING_RETRY,
        t.to.message,
        t.to.data,
        {"scheduled_time": stamp(at), **details},
    )


class RetryFailedFlow2(Rule):
    """A failed attempt of a flow is followed by another while retries are left."""

    leaving: ClassVar = {StateType.RUNNING}
    entering: ClassVar = {StateType.FAILED}

    def decide(self, t: Transition) -> Verdict | None:
        """Schedule the next attempt; the same process makes it."""
        retries = t.run.policy.get("retries")
        if retries is None or t.run.run_count > retries:
            return self.exhausted()
        delay = timedelta(seconds=t.run.policy.get("retry_delay") or 0)
        return Reject(
            _REASON,
            awaiting_retry(t, t.now + delay, **self.carried(t)),
            policy={"resuming": False, "pause_keys": [], "retry_type": "in_process"},
        )

    def exhausted(self) -> Accept | None:
        """What holds once no retry is left."""
        return None

    def carried(self, t: Transition) -> dict[str, Any]:
        """Details that survive into the wait."""
        return {}


class RetryFailedFlow3(RetryFailedFlow2):
    """3.x: the wait keeps the deployment's slot."""

    def exhausted(self) -> Accept | None:
        """Agents may see the run again."""
        return Accept(policy={"retry_type": None})

    def carried(self, t: Transition) -> dict[str, Any]:
        """The lease of the slot."""
        key = "deployment_concurrency_lease_id"
        lease = t.current.details.get(key) if t.current else None
        return {key: lease} if lease else {}


class RetryLostRun(Rule):
    """A run whose process is gone is started again where its deployment says so."""

    leaving: ClassVar = {StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING}
    entering: ClassVar = {StateType.CRASHED}

    def decide(self, t: Transition) -> Verdict | None:
        """Schedule the next start; a second report of the same loss is refused."""
        run = t.run
        if run.retry_on != "crashed" or t.current is None:
            return None
        if t.from_type == StateType.SCHEDULED:
            if t.current.details.get("lost"):
                return Reject("This run waits to be started again after its crash.")
            return None
        if run.losses >= run.retry_limit:
            t.facts.note("losses", run.losses + 1)
            return None
        losses = run.losses + 1
        t.facts.note("deployment", {"id": str(run.deployment_id), "name": run_on(run)})
        delay = timedelta(seconds=run.policy.get("retry_delay") or 0)
        again = t.now + max(delay, t.facts.lost_retry_delay())
        return Reject(
            f"The process of the run was lost; deployment {run_on(run)} starts it "
            f"again ({losses} of {run.retry_limit}).",
            awaiting_retry(t, again, lost=losses),
            policy={"resuming": False, "pause_keys": [], "retry_type": "reschedule"},
            columns={"losses": losses, "infrastructure_pid": None},
        )


def run_on(run: RunRow) -> str:
    """What the deployment of a run is called."""
    return run.deployment_name or str(run.deployment_id)


class RetryFailedTask(Rule):
    """A failed attempt of a task is followed by another while retries are left."""

    leaving: ClassVar = {StateType.RUNNING}
    entering: ClassVar = {StateType.FAILED}

    def decide(self, t: Transition) -> Verdict | None:
        """Schedule the next attempt."""
        if t.to.details.get("retriable") is False:
            return None
        retries = t.run.policy.get("retries")
        if retries is None or t.run.run_count > retries:
            return None
        delay = base_delay(t.run.policy.get("retry_delay"), t.run.run_count)
        factor = t.run.policy.get("retry_jitter_factor")
        if factor and factor > 0 and delay > 0:
            delay = t.facts.jittered(delay, factor)
        return Reject(_REASON, awaiting_retry(t, t.now + timedelta(seconds=delay)))


def base_delay(delay: Any, attempt: int) -> float:
    """Seconds to wait after `attempt`; the last entry of a list repeats."""
    if isinstance(delay, list):
        return float(delay[min(attempt - 1, len(delay) - 1)]) if delay else 0.0
    return float(delay or 0)
