"""What every room does with a body, a header, an address: shown on flows."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from core.conf import conf
from flows import services


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name": "x',
        b'{"name": NaN}',
        b'{"name": 1e999}',
        rb'{"name": "\ud800"}',
        b'{"name": "\xff"}',
        b"[" * 5000 + b"]" * 5000,
        b"{} {}",
    ],
)
def test_what_is_no_json_is_refused(api, raw):
    reply = api.call("POST", "/flows/", raw)

    assert reply.status == 422
    assert reply.json["exception_message"] == "Invalid request received."
    assert reply.json["exception_detail"][0]["type"] == "json_invalid"


def test_a_refusal_says_where_and_what_and_repeats_the_body(api):
    reply = api.post("/flows/", {"name": "x", "tags": ["ok", 3]})

    assert reply.wrong == [["body", "tags", 1]]
    assert {"loc", "msg", "type"} <= set(reply.json["exception_detail"][0])
    assert reply.json["request_body"] == {"name": "x", "tags": ["ok", 3]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": "a\0b"}, ["body", "name"]),
        ({"name": "x", "labels": {"a\0": 1}}, ["body", "labels"]),
        ({"name": "x", "tags": ["a\0"]}, ["body", "tags", 0]),
        ({"name": "x", "tags": ["t"] * (conf.list_limit + 1)}, ["body", "tags"]),
        ({"name": "x", "more": "y" * (conf.text_limit + 1)}, ["body", "more"]),
    ],
)
def test_limits_hold_in_every_part_of_a_body(api, body, place):
    assert api.post("/flows/", body).wrong == [place]


def test_a_body_has_a_depth(api):
    deepest = b"[" * (conf.depth_limit - 1) + b"]" * (conf.depth_limit - 1)

    fits = api.call("POST", "/flows/", b'{"name": "x", "more": ' + deepest + b"}")
    too_deep = api.call("POST", "/flows/", b'{"name": "x", "more": [' + deepest + b"]}")

    assert (fits.status, too_deep.status) == (201, 422)


@pytest.mark.parametrize(
    "kind", ["", "application/json", "application/json; charset=x"]
)
def test_json_is_read_whatever_it_is_called(api, kind):
    assert api.call("POST", "/flows/", {"name": "x"}, kind=kind).status == 201


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_forms_and_text_are_not_read(api, kind):
    assert api.call("POST", "/flows/", {"name": "x"}, kind=kind).status == 415


@pytest.mark.parametrize(
    ("version", "status", "text"),
    [
        ("0.8.4", 200, None),
        ("0.8.0", 200, None),
        ("1.0.0", 200, None),
        ("0.7.9", 400, "requires version 0.8.0 or higher"),
        ("abc", 400, "Expected header in format 'x.y.z' but received abc"),
        ("0.8", 400, "received 0.8"),
        ("0.8.4\N{ARABIC-INDIC DIGIT FOUR}", 400, "Invalid X-PREFECT-API-VERSION"),
    ],
)
def test_clients_of_an_old_api_are_refused(api, version, status, text):
    headers = {"X-PREFECT-API-VERSION": version}

    reply = api.call("GET", "/hello", headers=headers)

    assert reply.status == status
    assert text is None or text in reply.json["detail"]
    assert api.call("GET", "/version", headers=headers).status == 200


def test_the_slash_at_the_end_is_put_right(api):
    added = api.call("POST", "/flows", {"name": "x"})
    removed = api.get("/version/")

    assert (added.status, added.headers["Location"]) == (307, "/api/flows/")
    assert (removed.status, removed.headers["Location"]) == (307, "/api/version")


def test_an_unknown_address_is_not_found(api):
    for path in ("/nothing", "/nothing/", "/flows/not-an-id", "/flow_runs/x/set_state"):
        reply = api.post(path)
        assert (reply.status, reply.json) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/flows/", "/flow_runs/", "/flow_runs/filter"])
def test_other_methods_are_not_allowed_in_either_lane(api, path):
    for method in ("GET", "PUT", "OPTIONS", "HEAD", "TRACE", "BREW"):
        reply = api.call(method, path)
        assert reply.status == 405
        assert reply.headers["Allow"] == "POST"


def test_a_method_without_a_permission_of_its_own_is_not_allowed(api):
    reply = api.call("PUT", "/flows/01a1fe67-74de-7d34-9523-369f9c67b7a5", {})

    assert (reply.status, reply.json) == (405, {"detail": "Method Not Allowed"})


class Broken:
    """A stored procedure of misery: raises what it is told."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *args: object, **kwargs: object) -> object:
        raise self.error


def test_a_busy_database_asks_to_try_again(api, monkeypatch):
    monkeypatch.setattr(services, "ensure", Broken(OperationalError("locked")))

    reply = api.post("/flows/", {"name": "x"})

    assert reply.status == 503
    assert reply.json == {"exception_message": "Service Unavailable"}
    assert float(reply.headers["Retry-After"]) > 0


def test_an_unexpected_error_is_logged_and_kept_from_the_client(
    api, monkeypatch, caplog
):
    monkeypatch.setattr(services, "ensure", Broken(LookupError("secret")))

    reply = api.post("/flows/", {"name": "x"})

    assert reply.status == 500
    assert reply.json == {"exception_message": "Internal Server Error"}
    assert "secret" in caplog.text
