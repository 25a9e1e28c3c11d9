"""Pages of work pools, queues and agents, as a plain browser reads them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from runs.models import Pulse
from tests import factories as make
from work_pools.loops import WhyNot
from work_pools.models import WorkPool, WorkQueue

pytestmark = pytest.mark.django_db

SECONDS_AGO, MINUTES_AGO = timedelta(seconds=5), timedelta(minutes=9)


def read(client, address: str, status: int = 200) -> str:
    """A page as text, without its tags."""
    page = client.get(address)
    assert page.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def sent(client, address: str, **fields: Any) -> Any:
    """What a form's answer leads to."""
    answer = client.post(address, fields)
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    return client.get(answer.headers["Location"])


def polled(pool: WorkPool, ago: timedelta = SECONDS_AGO) -> WorkPool:
    """A pool whose queues were asked for work."""
    WorkQueue.objects.filter(pool=pool).update(last_polled=now() - ago)
    return pool


def row(page: Any, name: str) -> str:
    """The line of the list with that name, without tags."""
    lines = re.findall(r"<tr.*?</tr>", page.content.decode(), re.S)
    line = next(one for one in lines if f">{name}<" in one)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line))


def test_pools_tell_what_is_wrong_with_them(client):
    make.worker(polled(make.work_pool(name="well")))
    make.worker(polled(make.work_pool(name="deaf"), MINUTES_AGO))
    make.work_pool(name="empty")
    make.work_pool(name="shut", is_paused=True)
    full = polled(make.work_pool(name="full", concurrency_limit=1))
    make.worker(full)
    make.flow_run(make.running(), work_queue=full.default_queue)

    page = client.get("/work-pools")

    assert "Ready well process 1 of 1" in row(page, "well")
    assert "A worker is alive, but nobody asks for work." in row(page, "deaf")
    assert "Not ready" in row(page, "empty")
    assert "It has no worker." in row(page, "empty")
    assert "Paused: nothing is handed out." in row(page, "shut")
    assert "Full: 1 of 1 runs." in row(page, "full")


def test_pools_are_found_by_name_and_type(client):
    make.work_pool(name="gpu")
    make.work_pool(name="cpu", type="prefect-agent")

    assert "gpu" not in read(client, "/work-pools?q=CP")
    assert "cpu" not in read(client, "/work-pools?type=process")
    assert "Nothing matches" in read(client, "/work-pools?q=tpu")


def test_without_pools_the_list_says_what_they_are(client):
    assert "No work pools yet" in read(client, "/work-pools")


def test_long_lists_of_pools_come_in_windows(client):
    for n in range(30):
        make.work_pool(name=f"pool-{n:02}")

    first = client.get("/work-pools?n=25").content.decode()
    more = re.search(r'class="older" href="([^"]+)"', first)
    assert more
    second = read(client, f"/work-pools{more[1].replace('&amp;', '&')}")

    assert "pool-24" in first
    assert "pool-25" not in first
    assert "pool-29" in second


def test_a_pool_without_a_worker_says_how_to_start_one(client):
    make.work_pool(name="night shift")

    page = client.get("/work-pools/night%20shift").content.decode()

    assert "orion agent start --pool &#x27;night shift&#x27;" in page


def test_due_runs_are_listed_in_the_order_of_hand_out_with_their_reasons(client):
    pool = make.work_pool(name="gpu")
    last = make.work_queue(pool, name="last", priority=3)
    first = make.work_queue(pool, name="first", priority=2, is_paused=True)
    WorkQueue.objects.filter(pk=pool.default_queue_id).update(priority=1)
    make.flow_run(make.late(timedelta(minutes=9)), name="one", work_queue=last)
    make.flow_run(make.late(timedelta(minutes=2)), name="two", work_queue=first)
    coming = make.scheduled(now() + timedelta(minutes=5))
    make.flow_run(coming, name="three", work_queue=last)
    WhyNot().tick(now())

    text = read(client, "/work-pools/gpu/upcoming")

    assert text.index(" two ") < text.index(" one ") < text.index(" three ")
    assert "queue first of pool gpu is paused" in text
    assert "in 5 min" in text


def test_each_tab_of_a_pool_is_a_page(client):
    pool = make.work_pool(name="gpu", base_job_template=TEMPLATE)
    deployment = make.deployment(work_queue=pool.default_queue, name="train")
    run = make.flow_run(make.failed("no card"), deployment=deployment)
    type(run).objects.filter(pk=run.pk).update(work_queue=pool.default_queue)
    make.worker(pool, name="worker-1")
    agent = make.agent(name="agent-1", host="box", work_pool="gpu", limit=3)
    live = make.flow_run(make.running(), work_queue=pool.default_queue)
    Pulse.objects.create(
        flow_run=live, last_seen=now(), interval_seconds=10, source=agent.name, pid=7
    )

    assert "no card" in read(client, "/work-pools/gpu")
    assert "default" in read(client, "/work-pools/gpu/queues")
    workers = read(client, "/work-pools/gpu/workers")
    assert "worker-1" in workers
    assert "agent-1" in workers
    assert live.name in workers
    assert "train" in read(client, "/work-pools/gpu/deployments")
    template = read(client, "/work-pools/gpu/template")
    assert "How many cards" in template
    assert "{{ cards }}" in template
    assert "no page" in read(client, "/work-pools/gpu/nonsense", 404)
    assert "not found" in read(client, "/work-pools/tpu", 404)


TEMPLATE = {
    "job_configuration": {"cards": "{{ cards }}"},
    "variables": {
        "type": "object",
        "properties": {"cards": {"type": "integer", "description": "How many cards"}},
        "required": ["cards"],
    },
}


def test_a_pool_is_made_with_the_template_of_its_type(client):
    page = sent(client, "/new/work-pool", type="process", name="gpu", description="")

    pool = WorkPool.objects.get(name="gpu")
    assert "is made" in page.content.decode()
    assert pool.concurrency_limit is None
    assert "command" in pool.base_job_template["variables"]["properties"]
    assert [queue.name for queue in pool.queues.all()] == ["default"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "gpu"}, "exists already"),
        ({"name": "a/b"}, "without a slash"),
        ({"name": "prefect-x"}, "reserved"),
        ({"name": ""}, "required"),
        ({"name": "x", "concurrency_limit": "-1"}, "greater than or equal to 0"),
        ({"name": "x", "type": "nonsense"}, "not one of the available"),
    ],
)
def test_a_form_that_is_wrong_comes_back_with_what_was_typed(
    client, typed: dict[str, str], said: str
):
    make.work_pool(name="gpu")

    answer = client.post("/new/work-pool", {"type": "process", **typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'value="{typed["name"]}"' in page or not typed["name"]
    assert WorkPool.objects.count() == 1


def test_a_pool_is_paused_and_goes_on(client):
    pool = make.work_pool(name="gpu")

    page = sent(client, "/work-pools/gpu/pause", next="/work-pools")
    assert "gpu is paused" in page.content.decode()
    pool.refresh_from_db()
    assert pool.is_paused

    sent(client, "/work-pools/gpu/resume")
    pool.refresh_from_db()
    assert not pool.is_paused
    assert client.get("/work-pools/gpu/pause").status_code == 405


def test_a_button_never_leads_to_another_host(client):
    make.work_pool(name="gpu")

    answer = client.post("/work-pools/gpu/pause", {"next": "https://evil.example/"})

    assert answer.headers["Location"] == "/work-pools/gpu"


def test_a_limit_is_set_and_lifted(client):
    pool = make.work_pool(name="gpu")

    page = sent(client, "/work-pools/gpu/limit", concurrency_limit="3")
    assert "at most 3 at the same time" in page.content.decode()
    pool.refresh_from_db()
    assert pool.concurrency_limit == 3

    sent(client, "/work-pools/gpu/limit", concurrency_limit="")
    pool.refresh_from_db()
    assert pool.concurrency_limit is None
    wrong = client.post("/work-pools/gpu/limit", {"concurrency_limit": "many"})
    assert wrong.status_code == 422


def test_a_template_is_edited_and_checked(client):
    pool = make.work_pool(name="gpu", base_job_template=TEMPLATE)
    address = "/work-pools/gpu/edit"
    assert "How many cards" in client.get(address).content.decode()
    fields = {"description": "cards", "concurrency_limit": ""}
    unknown = '{"job_configuration": {"a": "{{ b }}"}, "variables": {}}'

    for text, said in [(unknown, "uses b"), ("{", "valid JSON"), ("[1]", "object")]:
        answer = client.post(address, {**fields, "base_job_template": text})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    sent(client, address, **fields, base_job_template="")

    pool.refresh_from_db()
    assert (pool.description, pool.base_job_template) == ("cards", {})


def test_a_pool_is_deleted_only_by_its_name(client):
    pool = make.work_pool(name="gpu")
    make.deployment(work_queue=pool.default_queue)
    make.flow_run(make.late(), work_queue=pool.default_queue)
    told = read(client, "/work-pools/gpu/delete")
    assert "1 deployment will name no pool." in told
    assert "1 due run will not be handed out." in told

    wrong = client.post("/work-pools/gpu/delete", {"typed": "cpu"})
    assert wrong.status_code == 422
    sent(client, "/work-pools/gpu/delete", typed="gpu")

    assert not WorkPool.objects.exists()


def test_a_queue_is_made_moved_paused_limited_renamed_and_deleted(client):
    pool = make.work_pool(name="gpu")
    sent(client, "/work-pools/gpu/new/queue", name="fast", priority="1")
    assert priorities(pool) == {"fast": 1, "default": 2}
    taken = client.post("/work-pools/gpu/new/queue", {"name": "fast"})
    assert taken.status_code == 422
    assert "already exists" in taken.content.decode()

    sent(client, "/work-pools/gpu/queues/fast/priority", priority="2")
    assert priorities(pool) == {"default": 1, "fast": 2}
    sent(client, "/work-pools/gpu/queues/fast/pause")
    sent(client, "/work-pools/gpu/queues/fast/limit", concurrency_limit="0")
    edit = "/work-pools/gpu/queues/fast/edit"
    sent(client, edit, name="slow", priority="2", concurrency_limit="0")
    queue = pool.queues.get(name="slow")
    assert (queue.is_paused, queue.concurrency_limit) == (True, 0)

    assert "is full: 0 of 0" in read(client, "/work-pools/gpu/queues/slow")
    sent(client, "/work-pools/gpu/queues/slow/delete", typed="slow")
    assert priorities(pool) == {"default": 1}


def priorities(pool: WorkPool) -> dict[str, int]:
    return dict(pool.queues.by_priority().values_list("name", "priority"))


@pytest.mark.parametrize("typed", ["0", "-1", "one", "", "99999999999"])
def test_a_priority_is_a_number_from_one(client, typed: str):
    make.work_pool(name="gpu")

    answer = client.post("/work-pools/gpu/queues/default/priority", {"priority": typed})

    assert answer.status_code == 400
    assert "whole number from 1" in answer.content.decode()


def test_the_default_queue_stays(client):
    make.work_pool(name="gpu")

    address = "/work-pools/gpu/queues/default/delete"
    answer = client.post(address, {"typed": "default"})

    assert answer.status_code == 422
    assert "default queue" in answer.content.decode()


def test_other_dashboards_addresses_lead_here(client):
    queue = make.work_queue(make.work_pool(name="gpu"), name="fast")
    for address, target in {
        "/work-pools/work-pool/gpu": "/work-pools/gpu",
        "/v2/work-pools/work-pool/gpu/queue/fast": "/work-pools/gpu/queues/fast",
        f"/work-queues/work-queue/{queue.pk}": f"/work-queues/{queue.pk}",
    }.items():
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (301, target)

    answer = client.get(f"/work-queues/{queue.pk}")
    assert answer.headers["Location"] == "/work-pools/gpu/queues/fast"


def test_agents_are_told_with_their_runs_and_limits(client):
    agent = make.agent(name="desk-1", host="desk.example", work_pool="gpu", limit=4)
    make.agent(name="old", last_heartbeat=now() - timedelta(hours=1))
    run = make.flow_run(make.running())
    Pulse.objects.create(
        flow_run=run, last_seen=now(), interval_seconds=10, source=agent.name, pid=7
    )
    make.work_queue(make.work_pool(name="classic", type="prefect-agent"), name="etl")

    text = read(client, "/agents")

    assert "1 of 2 online" in text
    assert text.index("desk-1") < text.index("old")
    assert f"{run.name}" in text
    assert "1 of 4" in text
    assert "etl" in text
