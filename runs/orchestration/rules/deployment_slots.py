"""Rules about limits on the runs of a deployment (3.x)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from runs.orchestration.rule import ANY, Rule, StateType
from runs.orchestration.transition import Proposal, StateValue, Transition, stamp
from runs.orchestration.verdicts import Abort, Accept, Reject, Verdict
from runs.states import AWAITING_SLOT

_LEASE = "deployment_concurrency_lease_id"
_HOLDING = {StateType.PENDING, StateType.RUNNING, StateType.CANCELLING}
_FULL = "Deployment concurrency limit reached."
_LEASES_SINCE = (3, 4, 11)
_SELF_MANAGED = {"3.0.0rc20", "3.0.0", "3.0.1", "3.0.2", "3.0.3"}


def lease_of(state: StateValue | None) -> str | None:
    """The lease a state carries."""
    return state.details.get(_LEASE) if state else None


def with_lease(proposal: Proposal, lease: str) -> Proposal:
    """The proposal carrying the lease."""
    return replace(proposal, details={**proposal.details, _LEASE: lease})


def renews_leases(t: Transition) -> bool:
    """Whether the client keeps the lease alive itself."""
    return not t.dialect.is_before(*_LEASES_SINCE)


class KeepLease(Rule):
    """The lease goes along from state to state."""

    universal: ClassVar = True

    def decide(self, t: Transition) -> Accept | None:
        """Copy it unless the proposal brings its own."""
        lease = lease_of(t.current)
        if lease and not t.to.details.get(_LEASE):
            return Accept(with_lease(t.to, lease))
        return None


class ValidateLease(Rule):
    """A run starts with a live slot; an expired one is taken again if one is free."""

    leaving: ClassVar = {StateType.PENDING}
    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Verdict | None:
        """Keep the slot, take another, or cancel."""
        lease = lease_of(t.current)
        if not lease or not t.run.limit_id or not renews_leases(t):
            return None
        if t.facts.lease_lives(lease):
            return Accept(with_lease(t.to, lease))
        limit = t.facts.deployment_limit()
        if limit is None:
            return None
        if limit.in_use >= limit.limit:
            return Reject(
                "Deployment concurrency limit reached after lease expiry.",
                Proposal(
                    StateType.CANCELLED,
                    message="Deployment concurrency slot lost during provisioning - no "
                    "slots available to continue execution",
                ),
            )
        return Accept(with_lease(t.to, t.facts.new_lease_id()))

    def settle(self, t: Transition, state: StateValue) -> None:
        """Give the lease another period."""
        lease = lease_of(state)
        if lease and t.run.limit_id and renews_leases(t):
            t.facts.hold_deployment_slot(lease)


class TakeDeploymentSlot(Rule):
    """A claimed run holds a slot of its deployment."""

    leaving: ClassVar = ANY - _HOLDING
    entering: ClassVar = {StateType.PENDING}

    def decide(self, t: Transition) -> Verdict | None:
        """Take a slot; when all are taken, queue or cancel."""
        if not t.run.limit_id or t.dialect.text in _SELF_MANAGED:
            return None
        limit = t.facts.deployment_limit()
        if limit is None:
            return None
        if limit.limit == 0:
            return Abort(
                "The deployment concurrency limit is 0. The flow will deadlock if "
                "submitted again."
            )
        if limit.in_use < limit.limit:
            return Accept(with_lease(t.to, t.facts.new_lease_id()))
        options = t.run.concurrency_options or {}
        if options.get("collision_strategy") == "CANCEL_NEW":
            return Reject(_FULL, Proposal(StateType.CANCELLED, message=_FULL))
        again = stamp(t.now + t.facts.slot_retry())
        return Reject(
            _FULL,
            Proposal(
                StateType.SCHEDULED, AWAITING_SLOT, details={"scheduled_time": again}
            ),
        )

    def settle(self, t: Transition, state: StateValue) -> None:
        """Write the lease."""
        lease = lease_of(state)
        if lease and t.run.limit_id and t.dialect.text not in _SELF_MANAGED:
            t.facts.hold_deployment_slot(lease)


class DropLeaseOfOldClients(Rule):
    """Clients that never renew keep their slot without expiry."""

    leaving: ClassVar = {StateType.PENDING}
    entering: ClassVar = {StateType.RUNNING, StateType.CANCELLING}

    def settle(self, t: Transition, state: StateValue) -> None:
        """Take the expiry off."""
        lease = lease_of(state)
        if lease and not renews_leases(t):
            t.facts.hold_for_good(lease)


class ReleaseDeploymentSlot(Rule):
    """A run that left its process gives the slot back, except to wait for a retry."""

    universal: ClassVar = True

    def settle(self, t: Transition, state: StateValue) -> None:
        """Give it back."""
        if (
            t.from_type in _HOLDING
            and state.type not in _HOLDING
            and t.run.limit_id
            and not t.is_retry_by_server
        ):
            t.facts.release_deployment_slot(lease_of(t.current))
