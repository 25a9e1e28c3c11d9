from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from concurrency.models import Lease, Limit
from core.clock import now

V2 = "/v2/concurrency_limits"


def limit(name: str = "db", size: int = 1, **columns: object) -> Limit:
    return Limit.objects.create(name=name, limit=size, **columns)


def take(api, *names: str, slots: int = 1, **more: object):
    return api.post(f"{V2}/increment", {"names": names, "slots": slots, **more})


def lease(api, *names: str, **more: object):
    body = {"names": names, "slots": 1, **more}
    return api.post(f"{V2}/increment-with-lease", body)


def used(api, name: str = "db") -> int:
    return api.get(f"{V2}/{name}").json["active_slots"]


def test_a_limit_is_made_with_defaults(api):
    reply = api.post(f"{V2}/", {"name": "db", "limit": 3})

    assert reply.status == 201
    assert (
        reply.json.items()
        >= {
            "name": "db",
            "limit": 3,
            "active": True,
            "active_slots": 0,
            "denied_slots": 0,
            "slot_decay_per_second": 0.0,
            "avg_slot_occupancy_seconds": 2.0,
        }.items()
    )


def test_a_limit_may_start_with_slots_taken(api):
    api.post(f"{V2}/", {"name": "db", "limit": 3, "active_slots": 2})

    assert used(api) == 2
    assert take(api, "db", slots=2).status == 423
    assert take(api, "db").status == 200


def test_a_name_is_taken_once(api):
    replies = [api.post(f"{V2}/", {"name": "db", "limit": 1}) for _ in range(2)]

    assert [reply.status for reply in replies] == [201, 409]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "a/b"}, "name"),
        ({"limit": -1}, "limit"),
        ({"limit": 1e300}, "limit"),
        ({"active_slots": -1}, "active_slots"),
        ({"slot_decay_per_second": -1}, "slot_decay_per_second"),
        ({"slot_decay_per_second": 1e-300}, "slot_decay_per_second"),
        ({"slot_decay_per_second": 1e300}, "slot_decay_per_second"),
    ],
)
def test_a_limit_must_have_the_shape(api, change, place):
    body = {"name": "db", "limit": 1} | change

    assert api.post(f"{V2}/", body).wrong == [["body", place]]


@pytest.mark.parametrize("rate", [1e-6, 1e9])
def test_extreme_rates_can_be_used(api, rate):
    body = {"name": "db", "limit": 2**31 - 1, "slot_decay_per_second": rate}
    assert api.post(f"{V2}/", body).status == 201

    assert take(api, "db", slots=2**31 - 1, mode="rate_limit").status == 200
    assert take(api, "db", slots=2**31 - 1).status in {200, 423}


def test_a_limit_is_found_by_id_and_by_name(api):
    made = limit("tag:a/b")

    by_name = api.get(f"{V2}/tag:a/b")

    assert by_name.status == 200
    assert by_name.json == api.get(f"{V2}/{made.pk}").json
    assert "denied_slots" not in by_name.json


def test_an_id_wins_over_a_name(api):
    one = limit("one")
    limit(str(one.pk))

    assert api.get(f"{V2}/{one.pk}").json["name"] == "one"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["none", str(UUID(int=0))])
def test_a_missing_limit_is_said_to_be_missing(api, method, path):
    reply = api.call(method, f"{V2}/{path}", {})

    assert (reply.status, reply.json) == (
        404,
        {"detail": "Concurrency Limit not found"},
    )


def test_the_list_is_by_name(api):
    limit("b"), limit("a", 2)
    take(api, "a")

    found = api.post(f"{V2}/filter", {"limit": None}).json

    assert [(one["name"], one["active_slots"]) for one in found] == [("a", 1), ("b", 0)]


def test_what_was_sent_is_changed(api):
    limit(size=1)
    take(api, "db")

    body = {"limit": 5, "active_slots": 3, "slot_decay_per_second": None}
    assert api.patch(f"{V2}/db", body).status == 204

    found = api.get(f"{V2}/db").json
    assert (found["limit"], found["active_slots"], found["active"]) == (5, 3, True)


def test_a_limit_cannot_take_the_name_of_another(api):
    limit("a"), limit("b")

    assert api.patch(f"{V2}/a", {"name": "b"}).status == 409


def test_a_deleted_limit_is_gone_with_its_leases(api):
    limit()
    id = lease(api, "db").json["lease_id"]

    assert api.delete(f"{V2}/db").status == 204

    assert api.get(f"{V2}/db").status == 404
    assert api.post(f"{V2}/leases/{id}/renew").status == 410


def test_slots_are_taken_and_given_back(api):
    made = limit(size=2)

    taken = take(api, "db", slots=2)
    back = api.post(f"{V2}/decrement", {"names": ["db"], "slots": 1})

    shown = [{"id": str(made.pk), "name": "db", "limit": 2}]
    assert (taken.status, taken.json) == (200, shown)
    assert (back.status, back.json) == (200, shown)
    assert used(api) == 1


def test_more_given_back_than_taken_is_no_error(api):
    limit()

    assert api.post(f"{V2}/decrement", {"names": ["db"], "slots": 9}).status == 200
    assert used(api) == 0


def test_the_time_that_slots_were_held_is_learned(api):
    made = limit(size=1)
    take(api, "db")

    body = {"names": ["db"], "slots": 1, "occupancy_seconds": 10.0}
    api.post(f"{V2}/decrement", body)

    made.refresh_from_db()
    assert made.avg_slot_occupancy_seconds == 6.0


def test_a_full_limit_is_locked_for_all(api2):
    limit("full"), limit("free")
    take(api2, "full")

    reply = take(api2, "free", "full")

    assert (reply.status, reply.json) == (423, {"detail": "Locked"})
    assert float(reply.headers["Retry-After"]) == 2.0
    assert used(api2, "free") == 0


def test_waits_grow_for_2_and_are_spread_and_bounded_for_3(api, api2):
    limit(avg_slot_occupancy_seconds=100.0)
    take(api, "db")

    first, second = (take(api2, "db").headers["Retry-After"] for _ in "12")
    third = float(take(api, "db").headers["Retry-After"])

    assert (float(first), float(second)) == (100.0, 200.0)
    assert 90 * 0.7 <= third <= 90 * 1.3  # three wait, each 30 s at most


def test_inactive_limits_are_always_free(api):
    limit(active=False)

    assert [take(api, "db").status for _ in "123"] == [200, 200, 200]
    assert used(api) == 0


def test_unknown_names_are_ignored_for_3(api):
    reply = take(api, "unknown")

    assert (reply.status, reply.json) == (200, [])
    assert not Limit.objects.exists()


def test_unknown_names_become_inactive_limits_for_2(api2):
    reply = take(api2, "unknown")

    assert [(one["name"], one["limit"]) for one in reply.json] == [("unknown", 1)]
    assert not Limit.objects.get().active


def test_more_slots_than_the_limit_are_never_free(api):
    limit(size=1)

    for reply in (take(api, "db", slots=2), lease(api, "db", slots=2)):
        assert reply.status == 422
        assert reply.json == {"detail": "Slots requested is greater than the limit"}


def test_only_decaying_limits_limit_rates(api):
    limit(size=1), limit("rate", 1, slot_decay_per_second=0.001)

    assert take(api, "db", mode="rate_limit").status == 422
    assert take(api, "rate", mode="rate_limit").status == 200
    wait = float(take(api, "rate", mode="rate_limit").headers["Retry-After"])
    assert 700 <= wait <= 1300


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"names": None}, ["names"]),
        ({"names": [7]}, ["names", 0]),
        ({"slots": 0}, ["slots"]),
        ({"slots": 1e300}, ["slots"]),
        ({"mode": "odd"}, ["mode"]),
        ({"lease_duration": 59}, ["lease_duration"]),
        ({"lease_duration": 86401}, ["lease_duration"]),
        ({"holder": {"type": "cat", "id": str(uuid4())}}, ["holder", "type"]),
        ({"holder": {"type": "task_run"}}, ["holder", "id"]),
    ],
)
def test_a_request_for_slots_must_have_the_shape(api, change, place):
    reply = lease(api, **{"names": ["db"], **change})

    assert reply.wrong == [["body", *place]]


def test_a_lease_holds_slots_until_it_is_given_back(api):
    limit()
    id = uuid4()

    taken = lease(api, "db", holder={"type": "task_run", "id": str(id)})

    assert taken.status == 200
    assert [one["name"] for one in taken.json["limits"]] == ["db"]
    assert (used(api), lease(api, "db").status) == (1, 423)
    row = Lease.objects.get()
    assert (row.holder_type, row.holder_id) == ("task_run", id)
    assert row.expires - now() <= timedelta(seconds=300)

    body = {"lease_id": taken.json["lease_id"]}
    assert api.post(f"{V2}/decrement-with-lease", body).status == 204
    assert used(api) == 0
    assert api.post(f"{V2}/decrement-with-lease", body).status == 204


def test_a_lease_of_unknown_names_is_a_lease(api):
    reply = lease(api, "unknown")

    assert (reply.status, reply.json["limits"]) == (200, [])
    assert api.post(f"{V2}/leases/{reply.json['lease_id']}/renew").status == 204


def test_a_lease_is_renewed(api):
    limit()
    id = lease(api, "db", lease_duration=60).json["lease_id"]

    reply = api.post(f"{V2}/leases/{id}/renew", {"lease_duration": 3600})

    assert (reply.status, reply.content) == (204, b"")
    assert Lease.objects.get().expires - now() > timedelta(seconds=3500)


def test_a_lease_that_is_gone_cannot_be_renewed(api):
    limit()
    expired = lease(api, "db").json["lease_id"]
    Lease.objects.update(expires=now() - timedelta(seconds=1))

    for id in (expired, uuid4()):
        reply = api.post(f"{V2}/leases/{id}/renew", {"lease_duration": None})

        text = "Lease not found - it may have expired or been revoked"
        assert (reply.status, reply.json) == (410, {"detail": text})


def test_renewing_costs_few_queries(api, django_assert_max_num_queries):
    limit()
    id = lease(api, "db").json["lease_id"]

    with django_assert_max_num_queries(4):  # two of them begin and end
        assert api.post(f"{V2}/leases/{id}/renew").status == 204
