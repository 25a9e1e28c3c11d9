"""Claims are leases: renewed, given back when they run out, started once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.actor import OWNER
from core.dialect import THREE, TWO, Dialect
from runs import claims
from runs.explanations import explain
from runs.loops import ClaimExpiry, Lazarus
from runs.models import FlowRun, FlowRunState
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Claim, Outcome, Proposal, stamp
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DUE = NOW - timedelta(seconds=5)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def due_run(**columns: object) -> FlowRun:
    deployment = columns.pop("deployment", None) or make.deployment(name="nightly")
    columns = {"deployment": deployment, "work_queue": make.work_queue()} | columns
    return make.flow_run(make.scheduled(DUE), at=DUE, **columns)


def take(
    run: FlowRun, *, agent: str = "a", token: UUID | None = None, at: datetime = NOW
) -> Outcome:
    by = Claim(token or uuid4(), agent)
    return claims.claim(run.pk, by, actor=OWNER, now=at)


def propose(
    run: FlowRun, type: str, at: datetime, name: str = "", dialect: Dialect = THREE
) -> Outcome:
    proposal = Proposal(type, name)
    return propose_flow_run(run.pk, proposal, actor=OWNER, dialect=dialect, now=at)


def look(run: FlowRun) -> FlowRun:
    run.refresh_from_db()
    return run


def history(run: FlowRun) -> list[str]:
    states = FlowRunState.objects.filter(flow_run=run).order_by("timestamp")
    return [state.name for state in states]


def test_an_agents_claim_counts_a_minute_and_a_strangers_longer() -> None:
    ours, theirs = due_run(), due_run()

    take(ours)
    propose(theirs, "PENDING", NOW, dialect=TWO)

    assert look(ours).claim_expires == after(60)
    assert (ours.claimed_by, look(theirs).claimed_by) == ("a", None)
    assert theirs.claim_expires == after(600)


def test_runs_that_nobody_else_could_take_have_no_claim() -> None:
    run = make.flow_run(make.scheduled(DUE), at=DUE)

    propose(run, "PENDING", NOW)

    assert look(run).claim_expires is None


def test_claiming_twice_with_one_token_is_one_claim_that_lasts_longer() -> None:
    run, token = due_run(), uuid4()
    first = take(run, token=token)

    second = take(run, token=token, at=after(30))

    assert (first.status, first.written) == ("ACCEPT", True)
    assert (second.status, second.written) == ("ACCEPT", False)
    assert look(run).claim_expires == after(90)
    assert history(run) == ["Scheduled", "Pending"]


def test_a_second_claimant_is_refused() -> None:
    run = due_run()
    take(run)

    assert take(run, agent="b").status == "ABORT"
    assert look(run).claimed_by == "a"


def test_a_renewed_claim_is_not_given_back() -> None:
    run, token = due_run(), uuid4()
    take(run, token=token)

    lost = claims.renew({run.pk: token}, actor=OWNER, now=after(50))
    ClaimExpiry().tick(after(70))

    assert (lost, look(run).state_name) == ([], "Pending")


def test_an_expired_claim_is_given_back_with_its_time_and_its_reason() -> None:
    run, loop = due_run(), ClaimExpiry()
    take(run, agent="a1")
    FlowRun.objects.filter(pk=run.pk).update(infrastructure_pid="host:1")

    assert loop.lag(after(59)) is None
    assert loop.lag(after(65)) == timedelta(seconds=5)
    loop.tick(after(65))

    look(run)
    assert history(run) == ["Scheduled", "Pending", "Scheduled"]
    assert run.next_scheduled_start_time == run.expected_start_time == DUE
    assert (run.reclaims, run.claimed_by, run.claim_token) == (1, None, None)
    assert (run.claim_expires, run.infrastructure_pid) == (None, None)
    told = explain(run)[0]
    assert told.sentence == (
        "The step from Pending to Scheduled was made: the run was claimed by agent a1 "
        "at 12:00:00 UTC and not started before 12:01:00 UTC, when the claim ran out; "
        "it waits to be taken again (1 of 3)."
    )
    assert (told.rule, told.things[0].name) == ("ClaimExpiry", "a1")
    assert loop.lag(after(65)) is None


def test_a_worker_that_tells_how_far_it_is_has_its_claim_for_longer() -> None:
    run = due_run()
    propose(run, "PENDING", NOW)

    propose(run, "PENDING", after(500), "InfrastructurePending")
    ClaimExpiry().tick(after(700))

    assert look(run).state_name == "InfrastructurePending"
    assert run.claim_expires == after(1100)


def test_after_three_reclaims_the_run_fails_with_the_reason() -> None:
    run, at = due_run(), NOW
    for number in range(4):
        take(run, agent=f"a{number}", at=at)
        at += timedelta(seconds=61)
        ClaimExpiry().tick(at)

    assert look(run).state_type == "FAILED"
    state = FlowRunState.objects.get(pk=run.state_id)
    assert state.message == (
        "The run was claimed 4 times and never started; last by agent a3, whose claim "
        "ran out at 12:04:03 UTC."
    )
    assert explain(run)[0].verdict == "REJECT"


def test_the_slot_of_the_deployment_is_free_again() -> None:
    limit = make.limit(1, name="deployment:x")
    deployment = make.deployment(concurrency_limit=limit)
    first, second = due_run(deployment=deployment), due_run(deployment=deployment)
    take(first)

    ClaimExpiry().tick(after(61))

    assert take(second, at=after(62)).state.type == "PENDING"  # type: ignore[union-attr]


def test_the_first_start_on_an_expired_claim_that_nobody_took_is_accepted() -> None:
    run = due_run()
    take(run)
    ClaimExpiry().tick(after(61))

    assert propose(run, "RUNNING", after(62)).status == "ACCEPT"
    assert take(run, agent="b", at=after(63)).status == "ABORT"


@pytest.mark.parametrize("dialect", [TWO, THREE])
def test_a_second_start_after_the_run_was_taken_again_is_stopped(
    dialect: Dialect,
) -> None:
    run = due_run()
    propose(run, "PENDING", NOW, dialect=dialect)
    ClaimExpiry().tick(after(601))
    take(run, agent="b", at=after(602))
    propose(run, "RUNNING", after(603), dialect=dialect)

    late = propose(run, "RUNNING", after(604), dialect=dialect)

    assert (late.status, late.reason) == (
        "ABORT",
        "The claim that this start belongs to ran out, and agent b has started the run "
        "since.",
    )
    assert history(run).count("Running") == 1


def test_an_agent_whose_claim_was_taken_by_another_is_told_by_whom() -> None:
    run, token = due_run(), uuid4()
    take(run, token=token)
    ClaimExpiry().tick(after(61))
    take(run, agent="b", at=after(62))

    assert claims.renew({run.pk: token}, actor=OWNER, now=after(63)) == [run.pk]
    late = take(run, token=token, at=after(63))

    assert (late.status, late.reason) == (
        "ABORT",
        "The claim of agent a ran out, and agent b has taken the run since.",
    )


def test_running_and_ended_runs_have_no_expiry() -> None:
    run, token = due_run(), uuid4()
    take(run, token=token)

    propose(run, "RUNNING", after(5))

    assert (look(run).claim_expires, run.claimed_by) == (None, "a")
    assert claims.renew({run.pk: token}, actor=OWNER, now=after(6)) == []
    assert look(run).claim_expires is None


def test_a_run_whose_process_beats_is_not_given_back() -> None:
    run = due_run()
    propose(run, "PENDING", NOW)
    make.pulse(run, last_seen=after(590), interval=10)

    ClaimExpiry().tick(after(601))
    assert look(run).state_name == "Pending"

    ClaimExpiry().tick(after(650))
    assert look(run).state_name == "Scheduled"


def test_lazarus_gives_back_what_was_pending_without_a_claim() -> None:
    run = due_run()
    details = {"scheduled_time": stamp(DUE)}
    proposal = Proposal("PENDING", "Submitting", details=details)
    propose_flow_run(run.pk, proposal, actor=OWNER, now=NOW)
    FlowRun.objects.filter(pk=run.pk).update(claim_expires=None)
    own = make.flow_run(make.pending(), at=NOW)

    Lazarus().tick(after(599))
    assert look(run).state_name == "Submitting"
    assert Lazarus().lag(after(610)) == timedelta(seconds=10)
    Lazarus().tick(after(601))

    assert (look(run).state_name, run.reclaims) == ("Scheduled", 1)
    assert run.next_scheduled_start_time == DUE
    assert explain(run)[0].reason == (
        "The run was Submitting since 12:00:00 UTC and never started; it waits to be "
        "taken again (1 of 3)."
    )
    assert look(own).state_name == "Pending"


def test_a_run_that_is_run_again_as_a_whole_has_all_its_tries() -> None:
    run = due_run()
    take(run)
    ClaimExpiry().tick(after(61))
    propose(run, "RUNNING", after(62))
    propose(run, "FAILED", after(63))

    propose(run, "SCHEDULED", after(64))

    assert look(run).reclaims == 0


def test_fifty_claims_whose_agents_die_all_run_exactly_once(long: bool) -> None:
    runs = [due_run() for _ in range(50 if long else 12)]
    for run in runs:
        take(run, agent="dead")
    at = after(61)
    while ClaimExpiry().tick(at):
        pass

    for run in runs:
        assert take(run, agent="alive", at=after(62)).status == "ACCEPT"
        assert propose(run, "RUNNING", after(63)).status == "ACCEPT"
        assert propose(run, "RUNNING", after(64)).status == "ABORT"
        assert propose(run, "COMPLETED", after(65)).status == "ACCEPT"

    for run in runs:
        assert history(run)[2:] == ["Scheduled", "Pending", "Running", "Completed"]
