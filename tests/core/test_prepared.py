"""Prepared reads find what the query they were made of finds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from core.prepared import Among, Finder, NotAmong, Prepared, slot
from runs.models import FlowRun
from tests import factories as make
from work_pools.models import WorkQueue

pytestmark = pytest.mark.django_db

NOBODY = UUID(int=0)


def test_other_values_each_time():
    find = Finder[FlowRun](lambda: FlowRun.objects.order_by("id"))
    one, two = make.flow_run(name="one"), make.flow_run(name="two")

    assert find.one(name="one") == one
    assert find.one(name="two") == two
    assert find.one(name="nobody") is None
    assert find(flow=one.flow_id, name="one") == [one]
    assert find(flow=two.flow_id, name="one") == []


def test_rows_are_whole():
    make.flow_run(name="one", tags=["a"], parameters={"x": [1, None]})
    (found,) = Finder[FlowRun](FlowRun.objects.all)(name="one")
    stored = FlowRun.objects.get(name="one")

    assert {f.attname: getattr(found, f.attname) for f in found._meta.fields} == {
        f.attname: getattr(stored, f.attname) for f in stored._meta.fields
    }


def test_what_is_selected_along_is_there(django_assert_num_queries):
    queue = make.work_queue()
    find = Finder[WorkQueue](lambda: WorkQueue.objects.select_related("pool"))

    with django_assert_num_queries(1):
        found = find.one(pk=queue.pk, pool__name=queue.pool.name)
        assert found is not None
        assert found.pool == queue.pool


@pytest.mark.parametrize("number", [0, 1, 3])
def test_any_number_of_ids(number):
    runs = [make.flow_run() for _ in range(4)]
    among = Prepared(FlowRun.objects.filter(Among("id", "ids")))
    others = Prepared(FlowRun.objects.filter(NotAmong("id", "ids")))
    ids = [run.pk for run in runs[:number]]

    assert {run.pk for run in among({"ids": [*ids, NOBODY]})} == set(ids)
    assert {run.pk for run in others({"ids": ids})} == {r.pk for r in runs[number:]}


def test_a_query_that_nothing_can_meet():
    make.flow_run()

    assert Prepared(FlowRun.objects.order_by("id")[:0])({}) == []
    assert Prepared(FlowRun.objects.none())({}) == []


def test_the_sql_is_composed_once(django_assert_num_queries, monkeypatch):
    make.flow_run(name="one")
    read = Prepared(FlowRun.objects.filter(name=slot(FlowRun, "name")))
    assert len(read({"name": "one"})) == 1

    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.as_sql", None)
    with django_assert_num_queries(2):
        assert len(read({"name": "one"})) == 1
        assert read({"name": "nobody"}) == []


@pytest.mark.django_db(transaction=True)
def test_threads_have_their_own_connection():
    make.flow_run(name="one")
    read = Prepared(FlowRun.objects.filter(name=slot(FlowRun, "name")))

    def ask(_: int) -> list[FlowRun]:
        try:
            return read({"name": "one"})
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(ask, range(9)))

    assert [len(rows) for rows in found] == [1] * 9
