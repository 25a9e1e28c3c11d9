from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from core.clock import now
from runs.models import FlowRun
from tests import factories as make

pytestmark = pytest.mark.django_db


def names(page) -> list[str]:
    assert page.status_code == 200
    return re.findall(r'class="name"><a [^>]*>([^<]+)</a>', page.content.decode())


def test_flows_are_listed_by_name_with_their_last_run(client):
    late = make.flow(name="zebra")
    early = make.flow(name="ant", tags=["prod"])
    make.deployment(flow=early)
    run = make.flow_run(make.failed(), flow=early)
    make.flow_run(make.scheduled(now() + timedelta(minutes=5)), flow=early)

    page = client.get("/flows")

    assert names(page) == ["ant", "zebra"]
    text = page.content.decode()
    assert run.name in text
    assert "in 5 min" in text
    assert f'href="/deployments?flow={early.pk}">1</a>' in text
    assert "never ran" in text
    assert names(client.get("/flows?q=ZEB")) == [late.name]
    assert names(client.get("/flows?tag=prod")) == ["ant"]


@pytest.mark.parametrize("address", ["/flows", "/deployments"])
def test_long_lists_come_in_windows(client, address: str):
    for _ in range(30):
        make.deployment()

    seen, page = [], f"{address}?n=25"
    while page:
        answer = client.get(page)
        seen += names(answer)
        more = re.search(r'class="older" href="([^"]+)"', answer.content.decode())
        page = address + more[1].replace("&amp;", "&") if more else ""

    assert len(seen) == len(set(seen)) == 30


def test_deployments_show_when_and_where_they_run(client):
    pool = make.work_pool(name="default-pool")
    weekly = {"cron": "0 6 * * 1", "timezone": "Europe/Paris"}
    deployment = make.deployment(
        name="prod",
        flow=make.flow(name="daily"),
        work_queue=pool.default_queue,
        schedules=[{"interval": 900}, weekly],
    )
    make.flow_run(make.completed(), deployment=deployment)

    page = client.get("/deployments")

    assert names(page) == ["daily › prod"]  # noqa: RUF001 - as shown
    text = page.content.decode()
    assert "every 15 min, at 06:00 on Mon Europe/Paris" in text
    assert "default-pool" in text
    assert 'data-status="not_ready"' in text


def test_a_paused_deployment_says_so(client):
    make.deployment(paused=True)

    assert 'data-status="paused"' in client.get("/deployments").content.decode()


def test_deployments_are_found_by_pool_and_by_schedule(client):
    pool = make.work_pool(name="k8s")
    make.deployment(name="timed", schedules=[{"interval": 900}])
    make.deployment(name="resting", paused=True)
    make.deployment(name="there", work_queue=pool.default_queue)

    def found(query: str) -> list[str]:
        shown = names(client.get(f"/deployments?{query}"))
        return sorted(name.rpartition(" ")[2] for name in shown)

    assert found("pool=k8s") == ["there"]
    assert found("scheduled=yes") == ["timed"]
    assert found("scheduled=no") == ["resting", "there"]
    assert found("scheduled=paused") == ["resting"]
    assert client.get("/deployments?scheduled=maybe").status_code == 400


def test_the_run_button_makes_a_run_with_the_defaults_and_says_so(client):
    pool = make.work_pool()
    deployment = make.deployment(
        parameters={"region": "eu"}, work_queue=pool.default_queue, tags=["prod"]
    )

    answer = client.post(
        f"/deployments/{deployment.pk}/quick-run",
        {"next": "/deployments?q=x"},
        follow=True,
    )

    run = FlowRun.objects.get(deployment=deployment)
    assert answer.redirect_chain == [("/deployments?q=x", 303)]
    assert f'<a href="/runs/{run.pk}">{run.name}</a> is scheduled' in (
        answer.content.decode()
    )
    assert (run.state_type, run.parameters) == ("SCHEDULED", {"region": "eu"})
    assert run.work_queue_id == pool.default_queue_id


def test_the_run_button_leads_to_no_other_host(client):
    deployment = make.deployment()

    answer = client.post(
        f"/deployments/{deployment.pk}/quick-run", {"next": "https://example.org/"}
    )

    assert answer.headers["Location"] == "/deployments"


def test_a_run_that_cannot_be_made_is_explained(client):
    schema = {"type": "object", "properties": {}, "required": ["region"]}
    deployment = make.deployment(parameter_openapi_schema=schema)

    answer = client.post(f"/deployments/{deployment.pk}/quick-run")

    assert answer.status_code in {400, 409}
    assert "region" in answer.content.decode()
    assert not FlowRun.objects.filter(deployment=deployment).exists()
    assert client.post(f"/deployments/{uuid4()}/quick-run").status_code == 404
    assert client.get(f"/deployments/{deployment.pk}/quick-run").status_code == 405


def test_runs_are_made_by_our_own_pages_only(client):
    strict = type(client)(enforce_csrf_checks=True)
    deployment = make.deployment()

    answer = strict.post(f"/deployments/{deployment.pk}/run")

    assert answer.status_code == 403
    assert not FlowRun.objects.filter(deployment=deployment).exists()
