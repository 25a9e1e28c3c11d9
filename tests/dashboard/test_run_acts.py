"""What one press does to a run; refusals are explained."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import now
from runs.models import FlowRun, RunInput
from runs.orchestration.transition import Proposal, stamp
from tests import factories as make

pytestmark = pytest.mark.django_db

SCHEMA = (
    '{"type": "object", "required": ["approve"], "properties": '
    '{"approve": {"type": "boolean", "title": "Approve"}}}'
)


def run(state, **columns) -> FlowRun:
    return make.flow_run(state, deployment=make.deployment(), name="heron", **columns)


def state_of(run: FlowRun) -> tuple[str, str]:
    run.refresh_from_db()
    return run.state_type, run.state_name


def offers(client, run: FlowRun) -> list[str]:
    """The acts that the page offers."""
    text = client.get(f"/runs/{run.pk}").content.decode()
    acts = ("start", "cancel", "suspend", "resume", "retry", "force-cancel")
    return [act for act in acts if f"/runs/{run.pk}/{act}" in text]


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        (make.scheduled, ["start", "cancel"]),
        (make.late, ["start", "cancel"]),
        (make.pending, ["cancel"]),
        (make.running, ["cancel", "suspend"]),
        (make.paused, ["cancel", "resume"]),
        (make.cancelling, ["force-cancel"]),
        (make.failed, ["retry"]),
        (make.crashed, ["retry"]),
        (make.cancelled, ["retry"]),
        (make.completed, []),
    ],
)
def test_a_page_offers_what_its_state_allows(client, state, acts):
    assert offers(client, run(state())) == acts


def test_a_run_without_a_deployment_is_only_cancelled(client):
    assert offers(client, make.flow_run(make.running())) == ["cancel"]
    assert offers(client, make.flow_run(make.failed())) == []


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        (make.late, "start", ("SCHEDULED", "Scheduled")),
        (make.scheduled, "cancel", ("CANCELLED", "Cancelled")),
        (make.running, "cancel", ("CANCELLING", "Cancelling")),
        (make.running, "suspend", ("PAUSED", "Suspended")),
        (make.paused, "resume", ("RUNNING", "Running")),
        (make.failed, "retry", ("SCHEDULED", "AwaitingRetry")),
        (make.cancelling, "force-cancel", ("CANCELLED", "Cancelled")),
    ],
)
def test_an_act_changes_the_state_and_says_so(client, state, act, after):
    made = run(state())

    answer = client.post(f"/runs/{made.pk}/{act}", follow=True)

    assert state_of(made) == after
    assert answer.redirect_chain == [(f"/runs/{made.pk}", 303)]
    assert "toast" in answer.content.decode()


def test_run_now_brings_the_start_forward(client):
    made = run(make.scheduled(now() + timedelta(days=1)))

    client.post(f"/runs/{made.pk}/start")

    made.refresh_from_db()
    assert made.next_scheduled_start_time <= now()


def test_cancelling_is_asked_before_and_names_the_children(client):
    parent = make.flow_run(make.running(), name="parent")
    child = make.subflow_run(parent, make.running())

    text = client.get(f"/runs/{parent.pk}/cancel").content.decode()

    assert "Cancel parent?" in text
    assert child.name in text
    assert state_of(parent)[0] == "RUNNING"


@pytest.mark.parametrize("act", ["start", "resume"])
def test_an_act_without_a_question_is_pressed_only(client, act: str):
    made = run(make.scheduled())

    assert client.get(f"/runs/{made.pk}/{act}").status_code == 405


def test_a_refusal_is_explained(client):
    made = run(make.completed())

    answer = client.post(f"/runs/{made.pk}/cancel")

    assert answer.status_code == 409
    assert "already in terminal state COMPLETED" in answer.content.decode()
    assert state_of(made)[0] == "COMPLETED"


@pytest.fixture
def waiting() -> FlowRun:
    """A suspended run that waits for an answer."""
    details = {
        "pause_reschedule": True,
        "pause_timeout": stamp(now() + timedelta(hours=1)),
        "run_input_keyset": {
            "schema": "s",
            "response": "r",
            "description": "d",
        },
    }
    made = run(Proposal("PAUSED", "Suspended", details=details))
    RunInput.objects.create(flow_run=made, key="s", value=SCHEMA)
    RunInput.objects.create(flow_run=made, key="d", value='"Is it fine?"')
    return made


def test_a_run_that_waits_for_input_shows_a_form(client, waiting):
    text = client.get(f"/runs/{waiting.pk}/resume").content.decode()

    assert "Is it fine?" in text
    assert 'name="input/approve"' in text


def test_the_answer_is_kept_and_the_run_goes_on(client, waiting):
    answer = client.post(f"/runs/{waiting.pk}/resume", {"input/approve": "true"})

    assert answer.status_code == 303
    assert state_of(waiting) == ("SCHEDULED", "Resuming")
    stored = RunInput.objects.get(flow_run=waiting, key="r")
    assert stored.value == '{"approve":true}'


def test_an_answer_that_does_not_fit_is_not_taken(client, waiting):
    answer = client.post(f"/runs/{waiting.pk}/resume", {})

    assert answer.status_code == 422
    assert "required" in answer.content.decode()
    assert state_of(waiting)[0] == "PAUSED"
