from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from logs.ingest import MESSAGE_LENGTH
from logs.models import Log
from tests import factories as make

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def line(**fields: Any) -> dict[str, Any]:
    given = {"name": "orion", "level": 20, "message": "hello"}
    return {**given, "timestamp": NOON.isoformat(), **fields}


def test_a_batch_is_stored_and_read_back(api):
    run, task = str(uuid4()), str(uuid4())

    stored = api.post("/logs/", [line(flow_run_id=run, task_run_id=task), line()])

    assert (stored.status, stored.content) == (201, b"null")
    found = api.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}}).json
    assert len(found) == 1
    read = found[0]
    assert {key: read[key] for key in line()} == line(timestamp="2026-01-31T12:00:00Z")
    assert (read["flow_run_id"], read["task_run_id"]) == (run, task)
    assert read["id"] != api.post("/logs/filter").json[1]["id"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31 12:00:00.123456+00:00", NOON + timedelta(microseconds=123456)),
        ("2026-01-31T13:00:00+01:00", NOON),
        ("2026-01-31T12:00:00", NOON),
    ],
)
def test_times_are_kept_in_utc(api, sent, stored):
    api.post("/logs/", [line(timestamp=sent)])

    assert Log.objects.get().timestamp == stored


def test_an_empty_batch_is_fine(api):
    assert api.post("/logs/", []).status == 201


def test_nul_characters_are_dropped(api):
    assert api.post("/logs/", [line(message="a\0b", name="n\0")]).status == 201

    assert Log.objects.values_list("message", "name").get() == ("ab", "n")


def test_text_is_stored_as_it_is(api):
    odd = "tab\there\nnew \\n line \\. π 🌳 \u2028 'quote' \"double\" \x1b[0m"

    api.post("/logs/", [line(message=odd)])

    assert Log.objects.get().message == odd


def test_a_line_that_is_too_long_is_cut_and_its_batch_kept(api):
    long = "x" * (MESSAGE_LENGTH + 500)

    assert api.post("/logs/", [line(message=long), line()]).status == 201

    cut, whole = Log.objects.order_by("id")
    assert len(cut.message) == MESSAGE_LENGTH
    assert cut.message.endswith(f"[cut: {MESSAGE_LENGTH} of {len(long)} characters]")
    assert whole.message == "hello"


def test_a_big_batch_is_stored_whole(api):
    batch = [line(message=f"{number:06} " + "x" * 200) for number in range(12_000)]
    assert 3_500_000 < len(json.dumps(batch)) < 5_000_000

    assert api.post("/logs/", batch).status == 201

    assert Log.objects.count() == 12_000


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"name": 1}, ["name"]),
        ({"level": "20"}, ["level"]),
        ({"level": True}, ["level"]),
        ({"level": 40_000}, ["level"]),
        ({"level": 2.5}, ["level"]),
        ({"message": None}, ["message"]),
        ({"message": {"a": 1}}, ["message"]),
        ({"timestamp": "noon"}, ["timestamp"]),
        ({"timestamp": 0}, ["timestamp"]),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, ["timestamp"]),
        ({"flow_run_id": "x"}, ["flow_run_id"]),
        ({"flow_run_id": []}, ["flow_run_id"]),
        ({"task_run_id": 7}, ["task_run_id"]),
    ],
)
def test_a_row_that_is_no_line_is_told_where(api, row, place):
    reply = api.post("/logs/", [line(), line(**row)])

    assert reply.wrong == [["body", 1, *place]]
    assert not Log.objects.exists()


@pytest.mark.parametrize("field", ["name", "level", "message", "timestamp"])
def test_a_missing_field_is_told(api, field):
    row = line()
    del row[field]

    assert api.post("/logs/", [row]).wrong == [["body", 0, field]]


@pytest.mark.parametrize("body", [{}, None, "x", 3, [3], [None], [[]]])
def test_what_is_no_list_of_objects_is_refused(api, body):
    assert api.call("POST", "/logs/", json.dumps(body).encode()).status == 422


def test_lines_are_filtered_by_level_time_and_run(api):
    run = make.flow_run(make.running())
    for minute, level in enumerate((10, 20, 40)):
        at = NOON + timedelta(minutes=minute)
        make.log(run, f"line {level}", level=level, timestamp=at)
    make.log(run, "of a task", task_run_id=uuid4(), timestamp=NOON)

    def messages(**logs: Any) -> list[str]:
        found = api.post("/logs/filter", {"logs": logs}).json
        return [one["message"] for one in found]

    later = (NOON + timedelta(minutes=1)).isoformat()
    assert messages(level={"ge_": 30}) == ["line 40"]
    assert messages(level={"le_": 10}) == ["line 10"]
    assert messages(timestamp={"after_": later}) == ["line 20", "line 40"]
    assert messages(task_run_id={"is_null_": False}) == ["of a task"]
    assert messages(flow_run_id={"any_": [str(uuid4())]}) == []


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("disk", ["disk full", "disk fine"]),
        ("DISK", ["disk full", "disk fine"]),
        ("full network", ["disk full", "network down"]),
        ("disk -fine", ["disk full"]),
        ("disk !fine", ["disk full"]),
        ("disk +full", ["disk full"]),
        ('"disk f"', ["disk full", "disk fine"]),
        ('-"disk f"', ["network down"]),
        ("watcher", ["network down"]),
        ("%", []),
        ("", ["disk full", "disk fine", "network down"]),
    ],
)
def test_text_is_searched(api, query, messages):
    run = make.flow_run(make.running())
    for minute, (message, name) in enumerate(
        [("disk full", "a"), ("disk fine", "a"), ("network down", "watcher")]
    ):
        make.log(run, message, name=name, timestamp=NOON + timedelta(minutes=minute))

    found = api.post("/logs/filter", {"logs": {"text": {"query": query}}}).json

    assert [one["message"] for one in found] == messages


def test_a_search_has_a_length(api):
    reply = api.post("/logs/filter", {"logs": {"text": {"query": "x" * 201}}})

    assert (reply.status, "200" in reply.json["detail"]) == (422, True)


def test_lines_of_one_instant_keep_their_order_over_pages(api):
    api.post("/logs/", [line(message=str(number)) for number in range(25)])

    def page(offset: int, sort: str) -> list[int]:
        body = {"limit": 10, "offset": offset, "sort": sort}
        return [int(one["message"]) for one in api.post("/logs/filter", body).json]

    up = [page(offset, "TIMESTAMP_ASC") for offset in (0, 10, 20)]
    down = [page(offset, "TIMESTAMP_DESC") for offset in (0, 10, 20)]
    assert [number for one in up for number in one] == list(range(25))
    assert [number for one in down for number in one] == list(reversed(range(25)))


def test_a_page_of_lines_is_one_query(api, django_assert_max_num_queries):
    run = make.flow_run(make.running())
    for _ in range(5):
        make.log(run)

    with django_assert_max_num_queries(1):
        assert len(api.post("/logs/filter", {"limit": 5}).json) == 5
