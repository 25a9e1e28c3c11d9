"""Slots are rows with an owner and an expiry."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from concurrency import slots
from concurrency.models import Lease, Limit, Slot
from core.sql import write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def limit(name: str = "db", size: int = 2, **columns: object) -> Limit:
    return Limit.objects.create(name=name, limit=size, **columns)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def task() -> tuple[str, UUID]:
    return ("task_run", uuid4())


def used(one: Limit, now: datetime = NOW) -> int:
    return slots.in_use([one.pk], now)[one.pk]


def test_slots_are_taken_until_the_limit_is_full() -> None:
    one = limit(size=2)

    taken = [slots.take([one], holder=task(), ttl=None, now=NOW) for _ in range(3)]

    assert [bool(lease) for lease in taken] == [True, True, False]
    assert used(one) == 2


def test_all_or_nothing() -> None:
    free, full = limit("a", 5), limit("b", 1)
    slots.take([full], holder=task(), ttl=None, now=NOW)

    assert slots.take([free, full], holder=task(), ttl=None, now=NOW) is None
    assert used(free) == 0


def test_an_inactive_limit_is_neither_asked_nor_used() -> None:
    one = limit(size=0, active=False)

    assert slots.take([one], holder=task(), ttl=None, now=NOW) is not None
    assert used(one) == 0


def test_limits_come_in_name_order_and_only_from_the_workspace() -> None:
    limit("tag:b"), limit("tag:a"), limit("other")

    names = ["tag:b", "tag:a", "tag:none"]
    found = slots.limits_named(names, workspace_id=1, lock=connection.in_atomic_block)

    assert [one.name for one in found] == ["tag:a", "tag:b"]
    assert slots.limits_named(names, workspace_id=2) == []


def test_the_holder_gives_back_what_it_holds_of_the_named_limits() -> None:
    tagged, deployment = limit("tag:a"), limit("deployment:1")
    me = task()
    slots.take([tagged], holder=me, ttl=None, now=NOW)
    slots.take([deployment], holder=me, ttl=None, now=NOW)
    slots.take([tagged], holder=task(), ttl=None, now=NOW)

    given = slots.release_holder(*me, name_prefix="tag:", now=after(1))

    assert given == 1
    assert slots.in_use([tagged.pk, deployment.pk], NOW) == {
        tagged.pk: 1,
        deployment.pk: 1,
    }
    assert slots.release_holder(*me, now=after(1)) == 1
    assert slots.release_holder(*me, now=after(1)) == 0


def test_the_time_a_slot_was_held_is_learned() -> None:
    one = limit(size=1)
    lease = slots.take([one], holder=task(), ttl=None, now=NOW)
    assert lease is not None

    assert slots.revoke(lease.pk, after(10))

    one.refresh_from_db()
    assert one.avg_slot_occupancy_seconds == 6.0
    assert not slots.revoke(lease.pk, after(11))


def test_an_expired_lease_holds_nothing_and_cannot_be_renewed() -> None:
    one = limit(size=1)
    lease = slots.take([one], holder=task(), ttl=MINUTE, now=NOW)
    assert lease is not None

    assert used(one, after(59)) == 1
    assert used(one, after(60)) == 0
    assert not slots.renew(lease.pk, MINUTE, after(60))


def test_an_expired_lease_gets_its_slots_again_where_nobody_else_has_them() -> None:
    one = limit(size=1)
    lease = slots.take([one], holder=task(), ttl=MINUTE, now=NOW)
    assert lease is not None

    assert slots.regrant(lease.pk, MINUTE, after(70))

    assert used(one, after(71)) == 1
    assert not slots.regrant(uuid4(), MINUTE, after(70))


def test_an_expired_lease_is_gone_once_somebody_else_took_its_slot() -> None:
    one, other = limit("a", 1), limit("b", 2)
    lease = slots.take([one, other], holder=task(), ttl=MINUTE, now=NOW)
    assert lease is not None
    slots.take([one], holder=task(), ttl=MINUTE, now=after(61))

    assert not slots.regrant(lease.pk, MINUTE, after(62))
    assert slots.in_use([one.pk, other.pk], after(62)) == {one.pk: 1, other.pk: 0}


def test_a_renewed_lease_lasts_longer() -> None:
    one = limit(size=1)
    lease = slots.take([one], holder=task(), ttl=MINUTE, now=NOW)
    assert lease is not None

    assert slots.renew(lease.pk, MINUTE, after(50))

    assert used(one, after(109)) == 1
    assert used(one, after(110)) == 0


def test_a_lease_without_expiry_keeps_none() -> None:
    one = limit(size=1)
    lease = slots.take([one], holder=task(), ttl=None, now=NOW)
    assert lease is not None

    assert slots.renew(lease.pk, MINUTE, NOW)

    assert used(one, after(1e6)) == 1


def test_taking_over_an_expired_slot_ends_its_lease() -> None:
    one, other = limit("a", 1), limit("b", 1)
    old = slots.take([one, other], holder=task(), ttl=MINUTE, now=NOW)
    assert old is not None

    assert slots.take([one], holder=task(), ttl=MINUTE, now=after(61)) is not None

    assert not slots.renew(old.pk, MINUTE, NOW)  # even for a clock that lags behind
    assert Slot.objects.count() == Lease.objects.count() == 1


def test_a_renewed_lease_is_not_revoked_as_expired() -> None:
    one = limit(size=1)
    lease = slots.take([one], holder=task(), ttl=MINUTE, now=NOW)
    assert lease is not None
    slots.renew(lease.pk, MINUTE, after(30))

    assert not slots.revoke_expired(lease.pk, after(61))
    assert slots.revoke_expired(lease.pk, after(90))


def test_slots_of_a_decaying_limit_drain() -> None:
    one = limit(size=3, slot_decay_per_second=0.5)

    assert slots.occupy([one], slots=2, now=NOW)
    assert slots.occupy([one], slots=1, now=after(1))

    assert not slots.occupy([one], now=after(1))
    assert [used(one, after(s)) for s in (1, 2, 4, 5.9, 6)] == [3, 2, 1, 1, 0]
    assert slots.occupy([one], slots=3, now=after(6))
    assert Slot.objects.count() == 1


def test_a_lease_on_a_decaying_limit_drains_and_renewing_does_not_stop_it() -> None:
    one = limit(size=1, slot_decay_per_second=1)
    lease = slots.take([one], holder=task(), ttl=MINUTE, now=NOW)
    assert lease is not None

    assert slots.renew(lease.pk, MINUTE, NOW)

    assert used(one, after(1)) == 0
    assert slots.take([one], holder=task(), ttl=MINUTE, now=after(1)) is not None
    assert slots.renew(lease.pk, MINUTE, after(1))


def test_slots_without_a_lease_are_given_back_by_number() -> None:
    one = limit(size=5)
    slots.occupy([one], slots=2, now=NOW)
    slots.occupy([one], slots=2, now=NOW)
    slots.take([one], holder=task(), ttl=None, now=NOW)

    slots.vacate([one], slots=3, seconds=None, now=after(1))
    assert used(one) == 2

    slots.vacate([one], slots=9, seconds=None, now=after(2))
    assert used(one) == 1


def test_draining_slots_are_given_back_from_the_end() -> None:
    one = limit(size=5, slot_decay_per_second=1)
    slots.occupy([one], slots=4, now=NOW)

    slots.vacate([one], slots=2, seconds=None, now=after(1))

    assert [used(one, after(s)) for s in (1, 1.5, 2)] == [1, 1, 0]


def test_holders_say_who_has_it_since_when_and_until_when() -> None:
    one = limit(size=3)
    mine, yours = task(), task()
    slots.take([one], holder=mine, ttl=MINUTE, now=NOW)
    slots.take([one], holder=yours, ttl=None, now=after(1))

    assert slots.holders(one.pk, after(2)) == [
        (*mine, NOW, after(60)),
        (*yours, after(1), None),
    ]
    assert len(slots.holders(one.pk, after(60))) == 1


def test_refusals_add_up_and_fade() -> None:
    one = limit(size=1)

    waits = []
    for second in (0, 0, 2):
        one.refresh_from_db()
        waits.append(slots.denied([one], 1, after(second)))

    assert waits == [2.0, 4.0, 4.0]


def test_a_refusal_ignores_inactive_limits() -> None:
    one, idle = limit("a", 1), limit("b", 1, active=False, denied_slots=9)

    assert slots.denied([one, idle], 1, NOW) == 2.0


def test_taking_costs_few_statements(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    limit("tag:a", 2), limit("tag:b", 2)

    with django_assert_num_queries(4):
        found = slots.limits_named(["tag:a", "tag:b"], workspace_id=1)
        slots.take(found, holder=task(), ttl=None, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_take_more_than_there_is() -> None:
    limit("tag:a", 3), limit("tag:b", 4)
    ready = threading.Barrier(8)

    def attempt(number: int) -> bool:
        ready.wait(timeout=30)
        names = ["tag:a", "tag:b"] if number % 2 else ["tag:b", "tag:a"]
        try:
            with write():
                found = slots.limits_named(names, workspace_id=1, lock=True)
                lease = slots.take(found, holder=task(), ttl=MINUTE, now=NOW)
            return lease is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        won = sum(pool.map(attempt, range(8)))

    assert won == 3
    assert Slot.objects.count() == 6
