from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from artifacts.models import Artifact
from core.actor import OWNER
from core.clock import now
from runs.models import FlowRunState
from runs.orchestration.engine import propose_flow_run, propose_task_run
from tests import factories as make

pytestmark = pytest.mark.django_db


def text(page) -> str:
    assert page.status_code == 200
    return page.content.decode()


def reason(page) -> str:
    """The words of the reason panel."""
    found = re.search(r'<section class="reason.*?</section>', text(page), re.S)
    if found is None:
        return ""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))


def test_a_failure_names_the_task_that_failed_first_and_what_it_said(client):
    run = make.flow_run(make.failed("1 of 2 states failed"))
    make.task_run(make.completed(), flow_run=run)
    make.task_run(
        make.failed("ConnectTimeout: no answer"),
        flow_run=run,
        name="write-warehouse",
        run_count=2,
    )
    make.task_run(
        make.failed("later"), flow_run=run, at=now() + timedelta(seconds=5), name="late"
    )

    told = reason(client.get(f"/runs/{run.pk}"))

    assert told.startswith("Task write-warehouse failed after 2 attempts")
    assert "ConnectTimeout: no answer" in told
    assert "The flow: 1 of 2 states failed" in told


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (make.failed("it broke"), "This run failed it broke"),
        (make.crashed("out of memory"), "This run crashed out of memory"),
        (make.cancelled(), "This run was cancelled"),
        (make.cancelling(), "This run is being cancelled"),
        (make.paused(), "This run waits to be resumed"),
    ],
)
def test_a_run_that_is_neither_running_nor_done_says_why(client, state, words: str):
    run = make.flow_run(state)

    assert words in reason(client.get(f"/runs/{run.pk}"))


@pytest.mark.parametrize("state", [make.completed(), make.running(), make.scheduled()])
def test_a_run_that_goes_well_needs_no_words(client, state):
    run = make.flow_run(state)

    assert reason(client.get(f"/runs/{run.pk}")) == ""


def test_a_run_that_nobody_hears_of_is_said_to_be_suspect(client):
    run = make.flow_run(make.running())
    pulse = make.pulse(run, last_seen=now() - timedelta(hours=1))
    pulse.suspect_since = pulse.last_seen
    pulse.save(update_fields=["suspect_since"])

    told = reason(client.get(f"/runs/{run.pk}"))

    assert told.startswith("This run may be dead The run is suspect: nothing was")
    assert f"{pulse.last_seen:%H:%M:%S} UTC" in told


def test_a_late_run_names_the_pool_in_its_way(client):
    pool = make.work_pool(name="k8s-prod", is_paused=True)
    run = make.flow_run(make.late(), work_queue=pool.default_queue)

    assert "Pool k8s-prod is paused" in reason(client.get(f"/runs/{run.pk}"))


def test_retries_are_visible_as_gaps_in_the_timeline(client):
    run = make.flow_run(make.running())
    task = make.task_run(
        make.pending(), flow_run=run, empirical_policy={"retries": 1}, name="fetch-0"
    )
    for state in (make.running(), make.failed("reset"), make.running()):
        propose_task_run(task.pk, state, actor=OWNER)

    page = text(client.get(f"/runs/{run.pk}"))

    row = re.search(rf'<a href="[^"]*task={task.pk}".*?</a>', page, re.S)[0]
    marks = re.findall(r'class="(\w+) (mark|wait)"', row)
    assert marks == [("failed", "mark"), ("scheduled", "wait"), ("running", "mark")]


def test_many_runs_of_one_task_share_a_row_and_failures_stay_open(client):
    run = make.flow_run(make.running())
    for n in range(12):
        state = make.failed() if n == 3 else make.completed()
        make.task_run(
            state, flow_run=run, task_key="clean", dynamic_key=str(n), name=f"clean-{n}"
        )

    page = text(client.get(f"/runs/{run.pk}"))

    labels = re.findall(r'class="label"[^>]*>([^<]+)<', page)
    assert sorted(labels) == ["clean \N{MULTIPLICATION SIGN} 12", "clean-3"]


def test_logs_are_filtered_by_level_and_keep_their_numbers(client):
    run = make.flow_run(make.completed())
    for number, level in enumerate((10, 20, 30, 40, 50), 1):
        make.log(run, f"line {number}", level=level)

    def shown(query: str) -> list[str]:
        page = text(client.get(f"/runs/{run.pk}?{query}"))
        return re.findall(r'<li id="L(\d+)"', page)

    assert shown("") == ["2", "3", "4", "5"]
    assert shown("level=0") == ["1", "2", "3", "4", "5"]
    assert shown("level=40") == ["4", "5"]
    assert shown("level=0&lines=LINE 3") == ["3"]
    assert shown("level=0&lines=%25") == []


def test_logs_of_one_task_can_be_looked_at_alone(client):
    run = make.flow_run(make.running())
    task = make.task_run(make.running(), flow_run=run, name="fetch-0")
    make.log(run, "of the flow")
    make.log(run, "of the task", task_run_id=task.pk)

    page = text(client.get(f"/runs/{run.pk}?task={task.pk}"))

    assert "of the task" in page
    assert "of the flow" not in page
    assert "fetch-0</a>" in page


def test_long_logs_come_in_windows(client):
    run = make.flow_run(make.completed())
    for n in range(510):
        make.log(run, f"line {n + 1}")

    first = text(client.get(f"/runs/{run.pk}"))
    second = text(client.get(f"/runs/{run.pk}?line=501"))

    assert "line 500<" in first
    assert "line 501<" not in first
    assert "?line=501" in first
    assert re.findall(r'<li id="L(\d+)"', second) == [str(n) for n in range(501, 511)]


def test_what_users_wrote_is_escaped(client):
    run = make.flow_run(make.failed("<img src=x>"), name="<b>bold</b>", tags=["<u>"])
    make.log(run, "<script>alert(1)</script>")

    page = text(client.get(f"/runs/{run.pk}"))

    for raw in ("<img src=x>", "<b>bold</b>", "<u>", "<script>alert"):
        assert raw not in page


def test_nothing_logged_is_said_in_words_that_fit(client):
    live = make.flow_run(make.running())
    over = make.flow_run(make.completed())
    quiet = make.flow_run(make.completed())
    make.log(quiet, "hidden", level=10)

    assert "No lines yet" in text(client.get(f"/runs/{live.pk}"))
    assert "wrote no logs" in text(client.get(f"/runs/{over.pk}"))
    assert "1 line of this run is hidden" in text(client.get(f"/runs/{quiet.pk}"))


def test_details_show_the_returned_value_and_the_history(client):
    run = make.flow_run(make.running())
    propose_flow_run(run.pk, make.completed(), actor=OWNER)
    kept = Artifact.objects.create(type="result", data={"type": "literal", "value": 42})
    FlowRunState.objects.filter(flow_run=run, type="COMPLETED").update(result=kept)

    page = text(client.get(f"/runs/{run.pk}/details"))

    assert re.search(r'id="result"[^>]*>42<', page)
    history = page.split('id="state-history"')[1].split("</table>")[0]
    assert re.findall(r'data-state="(\w+)"', history) == ["completed", "running"]


def test_parameters_children_and_tasks_have_pages(client):
    run = make.flow_run(make.running(), parameters={"region": "eu", "n": [1, 2]})
    child = make.subflow_run(run, make.failed("child broke"))
    task = make.task_run(make.completed(), flow_run=run)

    parameters = unescape(text(client.get(f"/runs/{run.pk}/parameters")))
    shown = re.search(r'<pre class="json"[^>]*>(.*?)</pre>', parameters, re.S)[1]
    assert json.loads(shown) == {"region": "eu", "n": [1, 2]}
    assert child.name in text(client.get(f"/runs/{run.pk}/children"))
    tasks = text(client.get(f"/runs/{run.pk}/tasks"))
    assert tasks.index(child.parent_task_run.name) < tasks.index(task.name)
    assert f'child of <b><a href="/runs/{run.pk}"' in text(
        client.get(f"/runs/{child.pk}")
    )


def test_why_tells_stored_decisions_newest_first(client):
    make.tag_limit("db", 1)
    run = make.flow_run(make.running())
    holder = make.task_run(make.pending(), flow_run=run, tags=["db"], name="first")
    waiting = make.flow_run(make.scheduled(now() + timedelta(hours=1)))
    propose_task_run(holder.pk, make.running(), actor=OWNER)
    propose_flow_run(waiting.pk, make.running(), actor=OWNER)

    page = text(client.get(f"/runs/{waiting.pk}/why"))
    quiet = text(client.get(f"/runs/{run.pk}/why"))

    assert "The step from Scheduled to Running has to wait" in page
    assert "rule HoldUntilScheduledTime · WAIT · proposed by local owner" in page
    assert "Every step of this run was accepted" in quiet


def test_runs_of_a_deployment_lead_to_each_other(client):
    deployment = make.deployment()
    runs = [
        make.flow_run(
            make.completed(), deployment=deployment, at=now() - timedelta(hours=3 - n)
        )
        for n in range(3)
    ]

    page = text(client.get(f"/runs/{runs[1].pk}"))

    assert f'href="/runs/{runs[0].pk}" title="{runs[0].name}" data-key="["' in page
    assert f'href="/runs/{runs[2].pk}" title="{runs[2].name}" data-key="]"' in page


@pytest.mark.parametrize("query", ["level=high", "line=-3", "task=none"])
def test_a_query_that_cannot_be_read_is_answered_400(client, query: str):
    run = make.flow_run(make.completed())

    assert client.get(f"/runs/{run.pk}?{query}").status_code == 400
