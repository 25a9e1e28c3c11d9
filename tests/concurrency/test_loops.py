"""The loop that gives back what nobody renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from concurrency import slots
from concurrency.loops import LeaseExpiry
from concurrency.models import Lease, Limit, Slot

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def leased(ttl: timedelta | None) -> UUID:
    limit, _ = Limit.objects.get_or_create(name="db", defaults={"limit": 1000})
    lease = slots.take([limit], holder=("task_run", uuid4()), ttl=ttl, now=NOW)
    assert lease is not None
    return lease.pk


def test_only_expired_leases_are_given_back() -> None:
    leased(MINUTE)
    lasting = {leased(2 * MINUTE), leased(None)}

    assert LeaseExpiry().lag(NOW + 1.5 * MINUTE) == MINUTE / 2
    assert LeaseExpiry().tick(NOW + MINUTE) is False
    assert LeaseExpiry().lag(NOW + 1.5 * MINUTE) is None

    assert set(Lease.objects.values_list("pk", flat=True)) == lasting
    assert Slot.objects.count() == 2


def test_the_time_they_were_held_is_learned() -> None:
    leased(MINUTE)
    Limit.objects.update(limit=1)

    LeaseExpiry().tick(NOW + 2 * MINUTE)

    assert Limit.objects.get().avg_slot_occupancy_seconds == 61.0


def test_a_full_batch_asks_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeaseExpiry, "batch", 2)
    for _ in range(3):
        leased(MINUTE)
    loop = LeaseExpiry()

    assert [loop.tick(NOW + MINUTE) for _ in range(2)] == [True, False]
    assert not Lease.objects.exists()
