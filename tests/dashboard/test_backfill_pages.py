"""Back-fills on pages: look, begin, pause, go on, cancel, and what is refused."""

from __future__ import annotations

import re

import pytest

from core.actor import OWNER
from deployments.models import Backfill
from deployments.scheduling import backfill as verbs
from runs.models import FlowRun
from tests import factories as make

pytestmark = pytest.mark.django_db

HOURLY = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
TYPED = {
    "start": "2026-11-01T00:30:00",
    "end": "2026-11-01T04:00:00",
    "reprocess": "missing",
    "limit": "2",
}


@pytest.fixture
def deployment():
    """With one schedule and one parameter."""
    return make.deployment(
        schedules=[HOURLY],
        parameter_openapi_schema={
            "type": "object",
            "properties": {"region": {"type": "string"}},
        },
    )


def send(client, deployment, **texts):
    schedule = str(deployment.schedules.get().pk)
    typed = {"schedule": schedule, **TYPED, **texts}
    return client.post(f"/deployments/{deployment.pk}/backfill", typed)


def only(deployment) -> Backfill:
    return deployment.backfills.get()


def test_a_look_makes_nothing(client, deployment):
    answer = send(client, deployment, preview="1")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r"<b>4 runs</b> for 4 dates", text)
    assert "2026-11-01 01:00" in text
    assert not deployment.backfills.exists()
    assert not FlowRun.objects.exists()


def test_a_look_while_typing_answers_the_preview_alone(client, deployment):
    typed = {"schedule": str(deployment.schedules.get().pk), **TYPED, "preview": "1"}
    address = f"/deployments/{deployment.pk}/backfill"

    text = client.post(address, typed, headers=PARTIAL).content.decode()

    assert 'id="backfill-preview"' in text
    assert 'id="backfill-form"' not in text


def test_it_begins_with_what_was_typed(client, deployment):
    answer = send(
        client,
        deployment,
        **{"parameters/region": "eu", "parameters/region:mode": "value"},
    )

    made = only(deployment)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/backfills/{made.pk}"
    assert (made.limit, made.reprocess, made.status) == (2, "missing", "running")
    assert f"{made.start:%H:%M} {made.end:%H:%M}" == "00:30 04:00"
    runs = FlowRun.objects.filter(backfill_id=made.pk)
    assert [run.parameters for run in runs] == [{"region": "eu"}] * 2


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"start": ""}, "Enter a date and time."),
        ({"end": "2026-10-01T00:00:00"}, "ends after it starts"),
        ({"limit": "0"}, "greater than or equal to 1"),
        ({"limit": "many"}, "Enter a whole number."),
        ({"reprocess": "some"}, "Select a valid choice"),
        ({"schedule": "7"}, "Select a valid choice"),
        ({"start": "2001-01-01T00:00:00"}, "choose a shorter one"),
    ],
)
def test_what_means_nothing_is_said_and_kept(client, deployment, texts, said):
    answer = send(client, deployment, **texts)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was started." in text
    assert said in text
    assert 'value="2026-11-01T04:00:00"' in text or "end" in texts
    assert not deployment.backfills.exists()


def test_without_a_schedule_there_is_nothing_to_fill_in(client):
    deployment = make.deployment()

    answer = client.get(f"/deployments/{deployment.pk}/backfill")

    assert answer.status_code == 409
    assert "add one first" in answer.content.decode()


def test_the_schedule_of_the_link_is_chosen(client, deployment):
    other = make.schedule(deployment, {"interval": 60}, slug="other")

    answer = client.get(f"/deployments/{deployment.pk}/backfill?schedule={other.pk}")

    assert re.search(rf'value="{other.pk}"\s+selected', answer.content.decode())


def test_its_page_pauses_resumes_and_cancels(client, deployment):
    send(client, deployment)
    made = only(deployment)
    address = f"/backfills/{made.pk}"
    said = {}

    for verb in ("pause", "resume", "cancel"):
        answer = client.post(f"{address}/{verb}")
        assert answer.headers["Location"] == address
        made.refresh_from_db()
        said[verb] = made.status

    assert said == {"pause": "paused", "resume": "running", "cancel": "cancelled"}
    text = client.get(address).content.decode()
    assert "Cancelled" in text
    assert "Cancel…" not in text


def test_cancelling_asks_first_and_says_what_it_stops(client, deployment):
    send(client, deployment)

    text = client.get(f"/backfills/{only(deployment).pk}/cancel").content.decode()

    assert "2 of its runs have not ended" in text
    assert only(deployment).status == "running"


def test_what_is_over_cannot_be_paused(client, deployment):
    send(client, deployment)
    made = only(deployment)
    verbs.cancel(made.pk, actor=OWNER, now=made.created)

    answer = client.post(f"/backfills/{made.pk}/pause")

    assert answer.status_code == 409
    assert "is cancelled" in answer.content.decode()


def test_acts_are_pressed_not_visited(client, deployment):
    send(client, deployment)
    address = f"/backfills/{only(deployment).pk}"

    assert client.get(f"{address}/pause").status_code == 405
    assert client.get(f"{address}/resume").status_code == 405


def test_an_unknown_one_is_not_found(client):
    answer = client.get("/backfills/0198a7b2-0000-7000-8000-000000000000")

    assert answer.status_code == 404


def test_the_tab_lists_them_and_shows_only_where_there_are_some(client, deployment):
    address = f"/deployments/{deployment.pk}"
    assert ">Back-fills" not in client.get(address).content.decode()

    send(client, deployment)

    text = client.get(f"{address}/backfills").content.decode()
    assert ">Back-fills" in client.get(address).content.decode()
    assert f"/backfills/{only(deployment).pk}" in text
    assert "0 of 2" in text
