from __future__ import annotations

from uuid import uuid4

import pytest

from tests import factories as make


@pytest.fixture
def path(db) -> str:
    return f"/flow_runs/{make.flow_run(make.running()).pk}/input"


def test_an_input_is_stored_read_as_text_and_forgotten(api, path):
    stored = api.post(path, {"key": "answer-1", "value": '{"x": 1}', "sender": None})
    assert (stored.status, stored.json) == (201, None)

    read = api.get(f"{path}/answer-1")
    assert read.content == b'{"x": 1}'
    assert read.headers["Content-Type"].startswith("text/plain")

    assert api.delete(f"{path}/answer-1").status == 204
    missing = api.get(f"{path}/answer-1")
    assert (missing.status, missing.json) == (
        404,
        {"detail": "Flow run input not found"},
    )


def test_a_key_is_taken_once(api, path):
    api.post(path, {"key": "k", "value": "1"})

    again = api.post(path, {"key": "k", "value": "2"})

    assert again.status == 409
    assert "already exists" in again.json["detail"]


@pytest.mark.parametrize("key", ["", "A", "a b", "a/b", None])
def test_a_key_has_small_letters_digits_and_dashes(api, path, key):
    assert api.post(path, {"key": key, "value": "1"}).wrong == [["body", "key"]]


def test_inputs_are_found_by_prefix_oldest_first(api, path):
    for key in ("b-2", "b-1", "a", "b-3"):
        api.post(path, {"key": key, "value": key})
    body = {"prefix": "b-", "limit": 2, "exclude_keys": ["b-1"]}

    found = api.post(f"{path}/filter", body).json

    assert [one["key"] for one in found] == ["b-2", "b-3"]


def test_inputs_of_an_unknown_run(api):
    reply = api.post(f"/flow_runs/{uuid4()}/input", {"key": "k", "value": "v"})

    assert (reply.status, reply.json) == (404, {"detail": "Flow run not found"})
