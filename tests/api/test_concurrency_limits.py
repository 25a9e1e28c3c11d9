from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from concurrency import slots
from concurrency.models import Lease, Limit, Slot
from core.clock import now


@pytest.fixture
def taken(api):
    """A limit of 2 with one slot held by a task run, whose id this is."""
    api.post("/concurrency_limits/", {"tag": "db", "concurrency_limit": 2})
    id = uuid4()
    limit = Limit.objects.get(name="tag:db")
    slots.take([limit], holder=("task_run", id), ttl=None, now=now())
    return str(id)


def test_the_limit_of_a_tag_is_set_and_set_again(api):
    first = api.post("/concurrency_limits/", {"tag": "db", "concurrency_limit": 2})
    again = api.post("/concurrency_limits/", {"tag": "db", "concurrency_limit": 3})

    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert (first.json["concurrency_limit"], again.json["concurrency_limit"]) == (2, 3)
    assert first.json["active_slots"] == []
    assert Limit.objects.get().name == "tag:db"


def test_clients_of_2_always_get_200(api2):
    body = {"tag": "db", "concurrency_limit": 2}

    assert [api2.post("/concurrency_limits/", body).status for _ in "12"] == [200, 200]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"tag": "db"}, "concurrency_limit"),
        ({"tag": "db", "concurrency_limit": -1}, "concurrency_limit"),
        ({"tag": "db", "concurrency_limit": 2**40}, "concurrency_limit"),
        ({"tag": "db", "concurrency_limit": "many"}, "concurrency_limit"),
        ({"tag": "", "concurrency_limit": 1}, "tag"),
        ({"tag": None, "concurrency_limit": 1}, "tag"),
    ],
)
def test_a_limit_must_have_the_shape(api, body, place):
    assert api.post("/concurrency_limits/", body).wrong == [["body", place]]


@pytest.mark.parametrize("tag", ["db", "a/b", "a b", "reset", "ä"])
def test_a_limit_is_found_by_tag_and_by_id(api, tag):
    made = api.post("/concurrency_limits/", {"tag": tag, "concurrency_limit": 1}).json

    assert api.get(f"/concurrency_limits/tag/{tag}").json == made
    assert api.get(f"/concurrency_limits/{made['id']}").json == made


def test_a_limit_shows_the_task_runs_that_hold_it(api, taken):
    assert api.get("/concurrency_limits/tag/db").json["active_slots"] == [taken]


def test_the_list_is_by_tag_and_leaves_out_other_limits(api, taken):
    api.post("/concurrency_limits/", {"tag": "api", "concurrency_limit": 1})
    Limit.objects.create(name="global", limit=1)

    found = api.post("/concurrency_limits/filter", {"limit": None}).json

    assert [(limit["tag"], limit["active_slots"]) for limit in found] == [
        ("api", []),
        ("db", [taken]),
    ]
    page = api.post("/concurrency_limits/filter", {"limit": 1, "offset": 1})
    assert [limit["tag"] for limit in page.json] == ["db"]


def test_a_reset_says_who_holds_the_slots(api, taken):
    others = [str(uuid4()) for _ in range(3)]  # more than the limit: so it is said

    reply = api.post("/concurrency_limits/tag/db/reset", {"slot_override": others})

    assert (reply.status, reply.json) == (200, None)
    assert api.get("/concurrency_limits/tag/db").json["active_slots"] == others


def test_a_reset_without_holders_empties_the_limit(api, taken):
    assert api.post("/concurrency_limits/tag/db/reset").status == 200

    assert api.get("/concurrency_limits/tag/db").json["active_slots"] == []
    assert not Lease.objects.exists()


@pytest.mark.parametrize("by_id", [True, False])
def test_a_deleted_limit_is_gone_with_its_slots(api, taken, by_id):
    id = api.get("/concurrency_limits/tag/db").json["id"]

    reply = api.delete(f"/concurrency_limits/{id if by_id else 'tag/db'}")

    assert (reply.status, reply.json) == (200, None)
    assert not Limit.objects.exists()
    assert not Slot.objects.exists()
    assert not Lease.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "tag/none"),
        ("GET", str(UUID(int=0))),
        ("DELETE", "tag/none"),
        ("DELETE", str(UUID(int=0))),
        ("POST", "tag/none/reset"),
    ],
)
def test_a_missing_limit_is_said_to_be_missing(api, method, path):
    reply = api.call(method, f"/concurrency_limits/{path}", {})

    assert (reply.status, reply.json) == (
        404,
        {"detail": "Concurrency limit not found"},
    )
