from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin

from runs.explanations import explain
from runs.models import Decision, FlowRun
from tests import factories as make

pytestmark = pytest.mark.django_db

OURS = [model for model in apps.get_models() if model._meta.label.startswith("orion_")]
STATE = {"state_id", "state_type", "state_name", "state_timestamp"}


def address(model, *more: object) -> str:
    meta = model._meta
    rest = "".join(f"{one}/" for one in more)
    return f"/admin/{meta.app_label}/{meta.model_name}/{rest}"


def propose(client, run, **fields):
    """Send the change page's form."""
    kind = type(run)
    sent = {"propose": "", "propose_name": "", "message": "", **fields}
    return client.post(address(kind, run.pk, "change"), sent, follow=True)


def test_every_table_is_registered():
    assert [model for model in OURS if model not in admin.site._registry] == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_table_has_a_list_that_can_be_searched(client, model):
    page = client.get(address(model) + "?q=a")

    assert page.status_code == 200
    assert admin.site._registry[model].list_display != ("__str__",)


def test_a_proposal_goes_through_the_engine_and_leaves_a_decision(client):
    run = make.flow_run(make.running())

    answer = propose(client, run, propose="CANCELLING", message="wrong data")

    run.refresh_from_db()
    assert "Accepted: the run is now Cancelling." in answer.content.decode()
    assert run.state_type == "CANCELLING"
    told = explain(run)[0]
    assert (told.rule, told.verdict, told.reason) == (
        "SetInAdmin",
        "ACCEPT",
        "wrong data",
    )
    assert told.facts["user"] == "owner"


def test_a_refusal_is_told_with_its_reason_and_changes_nothing(client):
    run = make.flow_run(make.completed())

    answer = propose(client, run, propose="PAUSED")

    run.refresh_from_db()
    assert run.state_type == "COMPLETED"
    decision = Decision.objects.get(flow_run=run)
    assert decision.verdict in {"ABORT", "REJECT"}
    assert decision.reason in answer.content.decode()


def test_force_skips_the_rules_that_protect_clients(client):
    run = make.flow_run(make.completed())

    propose(client, run, propose="RUNNING", force="on")

    run.refresh_from_db()
    assert run.state_type == "RUNNING"
    assert explain(run)[0].facts["force"] is True


def test_a_task_run_is_proposed_the_same_way(client):
    task = make.task_run(make.pending())

    propose(client, task, propose="RUNNING")

    task.refresh_from_db()
    assert task.state_type == "RUNNING"
    assert explain(task)[0].rule == "SetInAdmin"


def test_saving_without_a_proposal_changes_nothing(client):
    run = make.flow_run(make.running(), name="mine")

    propose(client, run, name="yours", state_type="COMPLETED", state_name="Completed")

    run.refresh_from_db()
    assert (run.name, run.state_type) == ("mine", "RUNNING")
    assert not Decision.objects.filter(flow_run=run).exists()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_admin_page_edits_a_state_column(rf, admin_user, model):
    request = rf.get("/admin/")
    request.user = admin_user
    page = admin.site._registry[model]
    columns = STATE & {field.attname for field in model._meta.fields}
    if not columns:
        return

    if page.has_change_permission(request):
        assert columns <= set(page.get_readonly_fields(request))
    assert not page.has_add_permission(request)
    assert not page.has_delete_permission(request)


def test_what_a_block_holds_is_not_shown():
    page = admin.site._registry[apps.get_model("orion_blocks", "BlockDocument")]

    assert page.exclude == ("sealed",)


def test_deployments_are_paused_and_resumed_by_their_services(client):
    deployment = make.deployment(schedules=[{"interval": 3600}])
    sent = {"_selected_action": str(deployment.pk)}
    make.flow_run(make.scheduled(), deployment=deployment, auto_scheduled=True)

    client.post(address(type(deployment)), {**sent, "action": "pause"})
    deployment.refresh_from_db()
    assert deployment.paused
    assert FlowRun.objects.filter(deployment=deployment).count() <= 1

    client.post(address(type(deployment)), {**sent, "action": "resume"})
    deployment.refresh_from_db()
    assert not deployment.paused
