"""The engine against the second opinion in `life_cycle.py`, on random histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from core.actor import OWNER
from core.dialect import THREE, TWO
from core.ids import uuid7
from flows.models import Flow
from runs.models import FlowRun, FlowRunState
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Proposal, stamp
from runs.services import NewFlowRun, amend_flow_run, create_flow_run
from tests.factories import deployment, flow
from tests.runs.life_cycle import Ask, Model

START = datetime(2026, 3, 1, tzinfo=UTC)
TYPES = [
    *("SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"),
    *("CRASHED", "PAUSED", "CANCELLING"),
]
FORCE = st.sampled_from([False, False, False, False, False, True])
NAMES = {"SCHEDULED": ["", "Late"], "PENDING": ["", "Submitting"]}


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """Any proposal a client could make."""
    type = draw(st.sampled_from(TYPES))
    seconds = st.one_of(st.none(), st.integers(0, 200))
    return Ask(
        type,
        draw(st.sampled_from(NAMES.get(type, [""]))),
        draw(seconds) if type == "SCHEDULED" else None,
        type == "COMPLETED" and draw(st.booleans()),
        draw(st.one_of(st.none(), st.integers(1, 3))),
        draw(st.sampled_from(["1", "2", "3"])),
        draw(seconds) if type == "PAUSED" else None,
        type == "PAUSED" and draw(st.booleans()),
    )


def wire(ask: Ask) -> Proposal:
    """The proposal as clients send it."""
    details: dict[str, Any] = {}
    if ask.due is not None:
        details["scheduled_time"] = stamp(START + timedelta(seconds=ask.due))
    if ask.ticket is not None:
        details["transition_id"] = f"0000000{ask.ticket}-0000-4000-8000-000000000000"
    if ask.type == "PAUSED":
        details |= {"pause_key": ask.pause_key, "pause_reschedule": ask.suspends}
        if ask.pause_until is not None:
            at = START + timedelta(seconds=ask.pause_until)
            details["pause_timeout"] = stamp(at)
    data = {"storage_key": "k"} if ask.has_result else None
    return Proposal(ask.type, ask.name, data=data, details=details)


class LifeCycle(RuleBasedStateMachine):
    """One flow run, proposed to at random."""

    flow: Flow
    now = 0

    @initialize(
        generation=st.sampled_from([2, 3]),
        deployed=st.booleans(),
        retries=st.sampled_from([None, 0, 1, 2]),
        delay=st.sampled_from([0, 5]),
    )
    def make(
        self, generation: int, deployed: bool, retries: int | None, delay: int
    ) -> None:
        self.now = 0
        self.dialect = TWO if generation == 2 else THREE
        self.model = Model(generation, deployed, retries, delay)
        parent = deployment() if deployed else None
        new = NewFlowRun(
            flow_id=parent.flow_id if parent else self.flow.id,
            deployment_id=parent.id if parent else None,
            empirical_policy={"retries": retries, "retry_delay": delay},
            idempotency_key=str(uuid7()),
        )
        run, _ = create_flow_run(
            new, actor=OWNER, dialect=self.dialect, now=self.moment()
        )
        self.id = run.id
        self.model.propose(Ask("PENDING"), self.now, force=True)

    @rule(
        ask=asks(), wait=st.integers(1, 40), force=st.sampled_from([False] * 5 + [True])
    )
    def propose(self, ask: Ask, wait: int, force: bool) -> None:
        self.now += wait
        outcome = propose_flow_run(
            self.id,
            wire(ask),
            actor=OWNER,
            dialect=self.dialect,
            force=force,
            now=self.moment(),
        )

        expected = self.model.propose(ask, self.now, force=force)

        assert outcome.status == expected
        self.compare()

    @rule()
    def report_process(self) -> None:
        amend_flow_run(self.id, {"infrastructure_pid": "host:1"}, actor=OWNER)
        self.model.has_process = True

    def compare(self) -> None:
        run = FlowRun.objects.get(pk=self.id)
        model, state = self.model, self.model.state
        assert state is not None
        states = FlowRunState.objects.filter(flow_run=run).order_by("timestamp")
        assert [row.name for row in states] == model.history
        assert run.state_id == states.last().id  # type: ignore[union-attr]
        assert (run.state_type, run.state_name) == (state.type, state.title)
        assert run.run_count == model.run_count
        assert (run.start_time is not None) == model.started
        assert (run.end_time is not None) == model.ended
        assert run.total_run_time == pytest.approx(model.spent)
        due = state.due if state.type == "SCHEDULED" else None
        wanted = START + timedelta(seconds=due) if due is not None else None
        assert run.next_scheduled_start_time == wanted
        assert set(run.empirical_policy.get("pause_keys") or []) == model.pause_keys
        assert bool(run.empirical_policy.get("resuming")) == model.resuming

    def moment(self) -> datetime:
        return START + timedelta(seconds=self.now)


def test_engine_and_second_opinion_agree_on_every_history(
    db: None, pytestconfig: pytest.Config
) -> None:
    LifeCycle.flow = flow()
    is_long = pytestconfig.getoption("--long")

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        LifeCycle,
        settings=settings(
            max_examples=2000 if is_long else 200,
            stateful_step_count=50 if is_long else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not is_long,
        ),
    )
