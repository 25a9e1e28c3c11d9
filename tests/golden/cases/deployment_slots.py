"""Limits on the runs of a deployment, and their leases (3.x)."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    TYPES,
    Case,
    Step,
    case,
    deployment,
    flow,
    flow_run,
    look,
    propose,
    put,
    slots,
    state,
)

RUN = "flow_runs/$run"
OTHER = "flow_runs/$other"
LIMIT = "deployment:$deployment"
LEASE = {"lease": "state.state_details.deployment_concurrency_lease_id"}
AGAIN = {"again": "state.state_details.deployment_concurrency_lease_id"}
WITHOUT_LEASES = "3.4.10"
CLAIMS_ITSELF = "3.0.3"


def limited(name: str, *steps: Step, most: int = 1, **options: Any) -> Case:
    """A case with two runs of a deployment with a limit."""
    fields = {"concurrency_options": options} if options else {}
    return case(
        f"deployment slots/{name}",
        flow(),
        deployment(concurrency_limit=most, **fields),
        flow_run(state("SCHEDULED"), deployment_id="$deployment"),
        flow_run(state("SCHEDULED"), known="other", deployment_id="$deployment"),
        *steps,
        generations=(3,),
    )


def claim(**more: Any) -> Step:
    """The first run takes the slot."""
    return propose(RUN, "PENDING", names=LEASE, **more)


def drop(lease: str = "$lease") -> Step:
    """Somebody gives the slot back behind the run's back."""
    body = {"lease_id": lease}
    return Step("POST", "/v2/concurrency_limits/decrement-with-lease", body)


def renew(lease: str = "$lease") -> Step:
    """Keep a lease alive."""
    body = {"lease_duration": 60}
    return Step("POST", f"/v2/concurrency_limits/leases/{lease}/renew", body)


TAKING = [
    limited(
        "the second run waits by default",
        claim(),
        slots(LIMIT),
        propose(OTHER, "PENDING"),
        look(OTHER),
        slots(LIMIT),
        renew(),
    ),
    limited(
        "the second run waits if asked to",
        claim(),
        propose(OTHER, "PENDING"),
        look(OTHER),
        collision_strategy="ENQUEUE",
    ),
    limited(
        "the second run is cancelled",
        claim(),
        propose(OTHER, "PENDING"),
        look(OTHER),
        slots(LIMIT),
        collision_strategy="CANCEL_NEW",
    ),
    limited(
        "zero",
        Step("PATCH", f"/v2/concurrency_limits/{LIMIT}", {"limit": 0}),
        claim(),
        look(RUN),
        slots(LIMIT),
    ),
    limited("room for two", claim(), propose(OTHER, "PENDING"), slots(LIMIT), most=2),
    limited(
        "a waiting run tries again",
        claim(),
        propose(OTHER, "PENDING"),
        propose(RUN, "RUNNING"),
        propose(RUN, "COMPLETED"),
        slots(LIMIT),
        put(OTHER, "SCHEDULED", name="AwaitingConcurrencySlot"),
        propose(OTHER, "PENDING"),
        slots(LIMIT),
        look(OTHER),
    ),
    limited(
        "forced claims take no slot",
        propose(RUN, "PENDING", force=True),
        propose(OTHER, "PENDING", force=True),
        slots(LIMIT),
        propose(RUN, "RUNNING"),
        propose(RUN, "COMPLETED"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "clients that claim themselves",
        claim(client=CLAIMS_ITSELF),
        propose(OTHER, "PENDING", client=CLAIMS_ITSELF),
        slots(LIMIT),
    ),
    limited(
        "a claim that comes too late in the rules",
        propose(RUN, "RUNNING"),
        claim(),
        slots(LIMIT),
    ),
    limited(
        "sub-states of pending keep the slot",
        claim(),
        propose(RUN, "PENDING", name="Submitting"),
        propose(RUN, "PENDING", name="InfrastructurePending"),
        slots(LIMIT),
        propose(RUN, "RUNNING"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a repeated claim takes one slot",
        claim(transition_id="$first"),
        propose(RUN, "PENDING", transition_id="$first"),
        slots(LIMIT),
        most=2,
    ),
    *(
        limited(
            f"{origin} claims again",
            claim(),
            propose(RUN, "RUNNING"),
            propose(RUN, origin),
            slots(LIMIT),
            propose(RUN, "PENDING"),
            slots(LIMIT),
            look(RUN),
        )
        for origin in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED", "SCHEDULED")
    ),
]

STARTING = [
    limited(
        "a start renews the lease",
        claim(),
        propose(RUN, "RUNNING"),
        renew(),
        slots(LIMIT),
        look(RUN),
        collision_strategy="ENQUEUE",
        grace_period_seconds=60,
    ),
    limited(
        "a start whose lease is gone takes another slot",
        claim(),
        drop(),
        slots(LIMIT),
        propose(RUN, "RUNNING", names=AGAIN),
        slots(LIMIT),
        renew(),
        renew("$again"),
        look(RUN),
    ),
    limited(
        "a start whose lease is gone finds no slot",
        claim(),
        drop(),
        propose(OTHER, "PENDING"),
        propose(RUN, "RUNNING"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a start without a lease",
        propose(RUN, "PENDING", force=True),
        propose(OTHER, "PENDING"),
        propose(RUN, "RUNNING"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a start by a client without leases",
        claim(client=WITHOUT_LEASES),
        propose(RUN, "RUNNING", client=WITHOUT_LEASES),
        slots(LIMIT),
        renew(),
        propose(RUN, "COMPLETED", client=WITHOUT_LEASES),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a client without leases whose lease is gone",
        claim(client=WITHOUT_LEASES),
        drop(),
        propose(RUN, "RUNNING", client=WITHOUT_LEASES),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "cancelled by a client without leases",
        claim(client=WITHOUT_LEASES),
        propose(RUN, "CANCELLING", client=WITHOUT_LEASES),
        slots(LIMIT),
        renew(),
        propose(RUN, "CANCELLED", client=WITHOUT_LEASES),
        slots(LIMIT),
    ),
]

GIVING_BACK = [
    *(
        limited(
            f"RUNNING to {target}{how}",
            claim(),
            propose(RUN, "RUNNING"),
            propose(RUN, target, force=bool(how)),
            slots(LIMIT),
            renew(),
            look(RUN),
        )
        for target in TYPES
        for how in ("", " forced")
    ),
    limited(
        "the lease is gone at the end",
        claim(),
        propose(RUN, "RUNNING"),
        drop(),
        slots(LIMIT),
        propose(RUN, "COMPLETED"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a failure that is retried keeps the slot",
        Step(
            "PATCH", f"/{RUN}", {"empirical_policy": {"retries": 1, "retry_delay": 0}}
        ),
        claim(),
        propose(RUN, "RUNNING"),
        propose(RUN, "FAILED"),
        slots(LIMIT),
        look(RUN),
        propose(RUN, "RUNNING"),
        slots(LIMIT),
        propose(RUN, "FAILED"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a cancelling run keeps the slot until it is cancelled",
        claim(),
        propose(RUN, "RUNNING"),
        propose(RUN, "CANCELLING"),
        slots(LIMIT),
        propose(RUN, "CRASHED"),
        slots(LIMIT),
        propose(RUN, "CANCELLED"),
        slots(LIMIT),
        look(RUN),
    ),
    limited(
        "a suspended run gives the slot back",
        claim(),
        propose(RUN, "RUNNING"),
        propose(RUN, "PAUSED", name="Suspended", pause_reschedule=True),
        slots(LIMIT),
        look(RUN),
    ),
]

CASES = [*TAKING, *STARTING, *GIVING_BACK]
