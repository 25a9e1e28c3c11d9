"""Loops over runs that were claimed and never started."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.actor import SERVICE
from core.conf import conf
from core.loops import Loop, seconds
from runs.models import FlowRun, FlowRunState
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.policies.special import GIVE_BACK
from runs.orchestration.rules.claims import by_whom, clock
from runs.orchestration.transition import Because, Proposal, moment, stamp
from runs.querysets import FlowRunQuerySet
from runs.states import StateType

_ASKED = (
    "state_id",
    "state_name",
    "state_timestamp",
    "expected_start_time",
    "claimed_by",
    "claim_expires",
    "reclaims",
)


class ClaimExpiry(Loop):
    """Give runs back whose claim ran out before they started."""

    name, interval, batch = "claim-expiry", seconds(5), 200

    def tick(self, now: datetime) -> bool:
        """Give back the oldest; a renewal or a start that comes first wins."""
        return _give_back(self, FlowRun.objects.lapsed(now), now)

    def lag(self, now: datetime) -> timedelta | None:
        """How long ago the oldest claim ran out."""
        oldest = FlowRun.objects.lapsed(now).only("claim_expires").first()
        return now - oldest.claim_expires if oldest and oldest.claim_expires else None


class Lazarus(Loop):
    """Give runs back that were submitted long ago, without a claim, and never ran."""

    name, interval, batch = "lazarus", seconds(60), 200

    def tick(self, now: datetime) -> bool:
        """Give back the oldest."""
        since = now - conf.claim_expiry
        return _give_back(self, FlowRun.objects.unclaimed(since), now)

    def lag(self, now: datetime) -> timedelta | None:
        """How long the oldest has waited for it."""
        since = now - conf.claim_expiry
        oldest = FlowRun.objects.unclaimed(since).only("state_timestamp").first()
        at = oldest.state_timestamp if oldest else None
        return since - at if at else None


def _give_back(loop: Loop, runs: FlowRunQuerySet, now: datetime) -> bool:
    """Let others start the runs; True when more may be waiting."""
    rows = runs.exclude(pk__in=loop.put_off(now)).only(*_ASKED)
    found = {run.pk: run for run in rows[: loop.batch]}
    states = FlowRunState.objects.in_bulk([run.state_id for run in found.values()])

    def give_back(id: UUID) -> None:
        run = found[id]
        state = states.get(run.state_id)
        _propose(run, state.details if state else {}, type(loop).__name__, now)

    loop.each(found, give_back, now=now)
    return len(found) == loop.batch


def _propose(
    run: FlowRun, details: dict[str, object], rule: str, now: datetime
) -> None:
    """Schedule the run for the time it was due."""
    due = moment(details.get("scheduled_time")) or run.expected_start_time or now
    reason = _reason(run)
    propose_flow_run(
        run.pk,
        Proposal(
            StateType.SCHEDULED,
            message=reason,
            details={"scheduled_time": stamp(due)},
        ),
        actor=SERVICE,
        policy=GIVE_BACK,
        because=Because(rule, reason),
        now=now,
    )


def _reason(run: FlowRun) -> str:
    took = run.state_timestamp
    count = f"({run.reclaims + 1} of {conf.most_reclaims})"
    if run.claim_expires is None:
        since = f" since {clock(took)}" if took else ""
        return (
            f"The run was {run.state_name}{since} and never started; it waits to be "
            f"taken again {count}."
        )
    at = f" at {clock(took)}" if took else ""
    return (
        f"The run was claimed {by_whom(run.claimed_by)}{at} and not started before "
        f"{clock(run.claim_expires)}, when the claim ran out; it waits to be taken "
        f"again {count}."
    )
