"""Starting again what infrastructure lost: only where the deployment says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.actor import OWNER
from core.dialect import THREE, TWO, Dialect
from runs.explanations import explain
from runs.loops import ZombieKiller
from runs.models import FlowRun, FlowRunState
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Outcome, Proposal
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def running(*, limit: int = 2, retry_on: str = "crashed") -> FlowRun:
    deployment = make.deployment(name="nightly", retry_on=retry_on, retry_limit=limit)
    run = make.flow_run(make.running(), at=NOW, deployment=deployment)
    FlowRun.objects.filter(pk=run.pk).update(infrastructure_pid="host:1")
    return run


def propose(
    run: FlowRun,
    type: str,
    at: datetime,
    *,
    dialect: Dialect = THREE,
    force: bool = False,
) -> Outcome:
    return propose_flow_run(
        run.pk, Proposal(type), actor=OWNER, dialect=dialect, force=force, now=at
    )


def history(run: FlowRun) -> list[str]:
    states = FlowRunState.objects.filter(flow_run=run).order_by("timestamp")
    return [state.name for state in states]


@pytest.mark.parametrize("dialect", [TWO, THREE])
@pytest.mark.parametrize("force", [False, True])
def test_a_reported_crash_is_followed_by_another_start(
    dialect: Dialect, force: bool
) -> None:
    run = running()

    outcome = propose(run, "CRASHED", after(5), dialect=dialect, force=force)

    run.refresh_from_db()
    assert (outcome.status, run.state_name) == ("REJECT", "AwaitingRetry")
    assert run.next_scheduled_start_time == after(15)
    assert (run.losses, run.infrastructure_pid) == (1, None)
    assert run.empirical_policy["retry_type"] == "reschedule"
    told = explain(run)[0]
    assert told.sentence == (
        "The step from Running to Crashed was refused: the process of the run was "
        "lost; deployment nightly starts it again (1 of 2)."
    )
    assert [(one.kind, one.name) for one in told.things] == [("deployment", "nightly")]


def test_an_inferred_crash_is_followed_by_another_start() -> None:
    run = running()
    make.pulse(run, last_seen=NOW, interval=10)

    ZombieKiller().tick(after(46))

    assert history(run) == ["Running", "AwaitingRetry"]


def test_the_second_report_of_one_loss_changes_nothing() -> None:
    run = running()
    propose(run, "CRASHED", after(5), force=True)

    assert propose(run, "CRASHED", after(6)).status == "REJECT"
    assert history(run) == ["Running", "AwaitingRetry"]


def test_a_report_of_success_still_counts() -> None:
    run = running()
    propose(run, "CRASHED", after(5))

    assert propose(run, "COMPLETED", after(6)).status == "ACCEPT"


def test_after_the_last_start_a_crash_is_a_crash() -> None:
    run = running(limit=1)
    propose(run, "CRASHED", after(5))
    propose(run, "PENDING", after(20))
    propose(run, "RUNNING", after(21))

    assert propose(run, "CRASHED", after(30)).status == "ACCEPT"
    assert history(run)[-2:] == ["Running", "Crashed"]


@pytest.mark.parametrize(("retry_on", "limit"), [("", 3), ("crashed", 0)])
def test_without_the_policy_nothing_that_ran_is_started_again(
    retry_on: str, limit: int
) -> None:
    run = running(retry_on=retry_on, limit=limit)

    propose(run, "CRASHED", after(5))

    assert history(run) == ["Running", "Crashed"]


def test_a_failure_is_no_loss() -> None:
    run = running()

    propose(run, "FAILED", after(5))

    assert history(run) == ["Running", "Failed"]
