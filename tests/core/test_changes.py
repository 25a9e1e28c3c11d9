from __future__ import annotations

from core import changes
from flows.models import Flow
from tests import factories as make


def test_only_what_differs_is_saved(db, django_assert_num_queries):
    flow = make.flow(tags=["a"], labels={"x": 1})
    before = flow.updated

    with django_assert_num_queries(1):
        changed = changes.apply(flow, {"tags": ["b"], "labels": {"x": 1}})

    assert changed == ["tags"]
    stored = Flow.objects.get(pk=flow.pk)
    assert stored.tags == ["b"]
    assert stored.updated > before


def test_nothing_is_saved_when_nothing_differs(db, django_assert_num_queries):
    flow = make.flow(tags=["a"])

    with django_assert_num_queries(0):
        assert changes.apply(flow, {"tags": ["a"]}) == []


def test_null_is_a_value(db):
    run = make.flow_run(make.running(), flow_version="v1")

    assert changes.apply(run, {"flow_version": None}) == ["flow_version"]
