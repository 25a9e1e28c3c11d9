from __future__ import annotations

from datetime import timedelta

import pytest

from core.actor import OWNER
from core.clock import now
from runs.explanations import explain, words
from runs.models import Decision
from runs.orchestration.engine import propose_flow_run, propose_task_run
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_full_tag_limit_is_named_with_the_run_that_holds_it():
    make.tag_limit("db", 1)
    run = make.flow_run(make.running())
    holder = make.task_run(make.pending(), flow_run=run, tags=["db"], name="first")
    other = make.task_run(make.pending(), flow_run=run, tags=["db"], name="second")
    propose_task_run(holder.pk, make.running(), actor=OWNER)
    propose_task_run(other.pk, make.running(), actor=OWNER)

    told = explain(other)[0]

    assert told.sentence == (
        "The step from Pending to Running has to wait: the limit on the tag db is full "
        "(1 of 1), held by task run first."
    )
    assert (told.verdict, told.facts["limit tag:db"]["in_use"]) == ("WAIT", 1)
    assert [(one.kind, one.name) for one in told.things] == [
        ("limit", "the limit on the tag db"),
        ("task_run", "first"),
    ]


def test_a_full_deployment_is_named_with_the_run_that_holds_it():
    limit = make.limit(1, name="deployment:x")
    deployment = make.deployment(name="prod", concurrency_limit=limit)
    holder, waiting = (
        make.flow_run(make.scheduled(), deployment=deployment, name=name)
        for name in ("holder", "waiting")
    )
    propose_flow_run(holder.pk, make.pending(), actor=OWNER)
    propose_flow_run(waiting.pk, make.pending(), actor=OWNER)

    told = explain(waiting)[0].sentence

    assert told == (
        "The step from Scheduled to Pending was refused: the limit on runs of "
        "deployment prod is full (1 of 1), held by flow run holder."
    )


def test_a_task_that_may_not_start_names_the_flow_run_around_it():
    run = make.flow_run(make.completed(), name="outer")
    task = make.task_run(make.pending(), flow_run=run)
    propose_task_run(task.pk, make.running(), actor=OWNER)

    told = explain(task)[0]

    assert "the flow run outer around it is completed" in told.sentence
    assert told.things[0].id == str(run.pk)


def test_a_cached_result_names_the_task_run_that_stored_it():
    run = make.flow_run(make.running())
    first = make.task_run(make.pending(), flow_run=run, name="filled")
    second = make.task_run(make.pending(), flow_run=run)
    key = {"cache_key": "k1"}
    propose_task_run(first.pk, make.running(), actor=OWNER)
    done = make.completed()
    propose_task_run(first.pk, type(done)("COMPLETED", details=key), actor=OWNER)
    started = type(done)("RUNNING", details=key)
    propose_task_run(second.pk, started, actor=OWNER)

    told = explain(second)[0].sentence

    assert "in the cache under the key k1, stored by task run filled" in told


def test_other_refusals_are_told_by_their_reason_newest_first():
    run = make.flow_run(make.scheduled(now() + timedelta(minutes=5)))
    propose_flow_run(run.pk, make.running(), actor=OWNER)
    propose_flow_run(run.pk, make.completed(), actor=OWNER)
    propose_flow_run(run.pk, make.cancelling(), actor=OWNER)

    told = explain(run)

    assert told[0].sentence.startswith("The step from Completed to Cancelling was")
    assert told[-1].sentence == (
        "The step from Scheduled to Running has to wait: scheduled time is in the "
        "future."
    )
    assert [one.when for one in told] == sorted((t.when for t in told), reverse=True)


def test_a_holder_that_is_gone_is_named_by_its_id():
    run = make.flow_run(make.scheduled())
    holder = {"type": "flow_run", "id": str(make.flow().pk), "since": "2026-11-21"}
    Decision.objects.create(
        flow_run=run,
        policy="p",
        rule="R",
        verdict="WAIT",
        reason="full",
        to_name="Running",
        actor="somebody",
        facts={"limit gpu": {"limit": 1, "in_use": 1, "holders": [holder] * 7}},
    )

    told = explain(run)[0].sentence

    assert told.startswith("The step to Running has to wait: the limit gpu is full")
    assert holder["id"] in told
    assert told.endswith("and 2 more.")


def test_a_rule_can_be_said_in_words():
    assert words("HoldUntilScheduledTime") == "Hold until scheduled time"
    assert words("GuardFinalState3") == "Guard final state"
