"""Taking slots of limits and giving them back: rows with an owner and an expiry.

Everything here runs inside the caller's transaction. Whoever takes or gives back locks
the limits first, in name order. A lease is renewed without that lock: the lease's row
decides between the renewal and those who find it expired.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, F, Q, Sum, When

from concurrency import decay
from concurrency.models import Lease, Limit, Slot
from core import clock
from core.querysets import OrionQuerySet

Holder = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is in use, and until when what drains is draining."""

    slots: int = 0
    draining_until: datetime | None = None
    has_expired: bool = False


def limits_named(
    names: Sequence[str], *, workspace_id: int, lock: bool = False
) -> list[Limit]:
    """The limits with these names, by name; names without a limit are left out."""
    found = Limit.objects.filter(workspace_id=workspace_id, name__in=names)
    return list((found.locked() if lock else found).order_by("name"))


def in_use(limit_ids: Iterable[UUID], now: datetime) -> dict[UUID, int]:
    """Slots taken of each limit; limits without any are 0."""
    return {id: use.slots for id, use in _uses(limit_ids, now).items()}


def holders(
    limit_id: UUID, now: datetime
) -> list[tuple[str | None, UUID | None, datetime, datetime | None]]:
    """Who holds slots of a limit: type, id, since when, until when; longest first."""
    return list(
        Slot.objects.filter(live(now), limit_id=limit_id)
        .order_by("taken", "id")
        .values_list("lease__holder_type", "lease__holder_id", "taken", "expires")
    )


def take(
    limits: Sequence[Limit],
    *,
    slots: int = 1,
    holder: Holder | None,
    ttl: timedelta | None,
    now: datetime,
    lease_id: UUID | None = None,
) -> Lease | None:
    """Take slots of every active limit, all or none; None when one is full.

    The limits must be locked. Without `ttl` the lease lasts until it is given back.
    `lease_id` is the new lease's id, where somebody has promised one already.
    """
    uses = _room(limits, slots, now)
    if uses is None:
        return None
    kind, id = holder or (None, None)
    expires = now + ttl if ttl else None
    lease = Lease(
        created=now, updated=now, expires=expires, holder_type=kind, holder_id=id
    )
    lease.id = lease_id or lease.id
    lease.save(force_insert=True)
    _insert(uses, slots, lease, now)
    return lease


def occupy(limits: Sequence[Limit], *, slots: int = 1, now: datetime) -> bool:
    """Take slots of every active limit without a lease; False when one is full.

    Those of decaying limits drain, the others stay until `vacate`.
    """
    uses = _room(limits, slots, now)
    if uses is None:
        return False
    _insert(uses, slots, None, now)
    return True


def vacate(
    limits: Sequence[Limit], *, slots: int, seconds: float | None, now: datetime
) -> None:
    """Give back slots taken by `occupy`, held for `seconds` together."""
    for limit in limits:
        _shrink(limit, slots, now)
        if seconds is not None:
            _learn(limit, seconds, slots)


def clear(limit: Limit) -> None:
    """Forget who holds slots of a limit; leases that held nothing else are gone."""
    held = Slot.objects.filter(limit=limit, lease__isnull=False)
    leases = set(held.values_list("lease__pk", flat=True))
    Slot.objects.filter(limit=limit).delete()
    Lease.objects.filter(pk__in=leases, slots__isnull=True).delete()


def preset(limit: Limit, slots: int, now: datetime) -> None:
    """Forget who holds slots of a limit; let `slots` be taken by nobody known."""
    clear(limit)
    if slots:
        _insert([(limit, Use())], slots, None, now)


def hand_to(limit: Limit, holders: Sequence[Holder], now: datetime) -> None:
    """Forget who holds slots of a limit and give one to each of these, full or not."""
    clear(limit)
    for kind, id in holders:
        lease = Lease(created=now, updated=now, holder_type=kind, holder_id=id)
        lease.save(force_insert=True)
        _insert([(limit, Use())], 1, lease, now)


def release_holder(
    holder_type: str,
    holder_id: UUID,
    *,
    name_prefix: str | None = None,
    now: datetime | None = None,
) -> int:
    """Give back all that a holder has, or only of limits whose name starts so.

    Returns the number of leases given back.
    """
    leases = Lease.objects.filter(holder_type=holder_type, holder_id=holder_id)
    if name_prefix is not None:
        leases = leases.filter(slots__limit__name__startswith=name_prefix).distinct()
    return _give_back(leases.ids(1000), now or clock.now())


def revoke(lease_id: UUID, now: datetime | None = None) -> bool:
    """Give back a lease's slots; False when it is gone already."""
    return _give_back([lease_id], now or clock.now()) == 1


def revoke_of(limit: Limit, holder: Holder, now: datetime) -> int:
    """Give back the leases with which a holder has slots of one limit; how many."""
    kind, id = holder
    leases = Lease.objects.filter(
        holder_type=kind, holder_id=id, slots__limit=limit
    ).distinct()
    return _give_back(leases.ids(1000), now)


def revoke_expired(lease_id: UUID, now: datetime) -> bool:
    """Give back a lease's slots unless it was renewed meanwhile."""
    return _give_back([lease_id], now, only_expired=True) == 1


def is_live(lease_id: UUID, now: datetime) -> bool:
    """Whether a lease exists and has not expired."""
    return Lease.objects.filter(live(now), pk=lease_id).exists()


def hold(lease_id: UUID, now: datetime) -> None:
    """Take the expiry off a lease: it lasts until it is given back."""
    Lease.objects.filter(pk=lease_id).update(expires=None, updated=now)
    Slot.objects.filter(lease_id=lease_id, limit__slot_decay_per_second=0).update(
        expires=None
    )


def renew(lease_id: UUID, ttl: timedelta, now: datetime) -> bool:
    """Extend a live lease to `ttl` from now; False when it has expired or is gone."""
    lease = Lease.objects.filter(live(now), pk=lease_id)
    until = Case(When(expires__isnull=False, then=now + ttl), default=None)
    if not lease.update(expires=until, updated=now):
        return False
    Slot.objects.filter(
        lease_id=lease_id, limit__slot_decay_per_second=0, expires__isnull=False
    ).update(expires=now + ttl)
    return True


def regrant(lease_id: UUID, ttl: timedelta, now: datetime) -> bool:
    """Take the slots of an expired lease again, where nobody else has them by now.

    False when a limit is full, or when the lease was given back.
    """
    held = dict(Slot.objects.filter(lease_id=lease_id).values_list("limit_id", "slots"))
    limits = list(Limit.objects.filter(pk__in=held).locked().order_by("name"))
    if not _locked_ids(Lease.objects.filter(pk=lease_id)):
        return False
    uses = _uses(held, now)
    if any(uses[one.pk].slots + held[one.pk] > one.limit for one in limits):
        return False
    Lease.objects.filter(pk=lease_id).update(expires=now + ttl, updated=now)
    Slot.objects.filter(lease_id=lease_id, limit__slot_decay_per_second=0).update(
        expires=now + ttl
    )
    return True


def denied(
    limits: Sequence[Limit], slots: int, now: datetime, *, capped: bool = False
) -> float:
    """Remember that slots were refused; seconds after which to ask again.

    The limits must be locked; inactive ones refuse nobody.
    """
    refusing = []
    for limit in limits:
        if not limit.active:
            continue
        rate, occupancy = limit.slot_decay_per_second, limit.avg_slot_occupancy_seconds
        before = decay.refusals(
            limit.denied_slots, limit.denied_at, now, decay=rate, occupancy=occupancy
        )
        refusing.append(
            decay.Refusing(limit.name, limit.limit, rate, occupancy, denied=before)
        )
        Limit.objects.filter(pk=limit.pk).update(
            denied_slots=before + slots, denied_at=now
        )
    return decay.retry_after(refusing, slots, capped=capped)


def live(now: datetime) -> Q:
    """Slots and leases that count now."""
    return Q(expires__isnull=True) | Q(expires__gt=now)


def _uses(limit_ids: Iterable[UUID], now: datetime) -> dict[UUID, Use]:
    """One statement: held slots are summed, draining ones come by their end."""
    ids = list(limit_ids)
    uses = dict.fromkeys(ids, Use())
    if not ids:
        return uses
    drains = When(
        limit__slot_decay_per_second__gt=0, expires__gt=now, then=F("expires")
    )
    rows = (
        Slot.objects.filter(limit_id__in=ids)
        .annotate(
            rate=F("limit__slot_decay_per_second"),
            is_live=Case(When(live(now), then=True), default=False),
            until=Case(drains, default=None),
        )
        .values_list("limit_id", "rate", "is_live", "until")
        .annotate(total=Sum("slots"))
        .order_by()
    )
    for id, rate, is_live, until, total in rows:
        use = uses[id]
        if not is_live:
            uses[id] = replace(use, has_expired=True)
        elif until is None:
            uses[id] = replace(use, slots=use.slots + total)
        else:
            left = decay.undrained(total, until, rate, now)
            latest = max(until, use.draining_until or until)
            uses[id] = replace(use, slots=use.slots + left, draining_until=latest)
    return uses


def _room(
    limits: Sequence[Limit], slots: int, now: datetime
) -> list[tuple[Limit, Use]] | None:
    """The active limits and their use when each has room for `slots` more."""
    active = {limit.pk: limit for limit in limits if limit.active}
    uses = _uses(active, now)
    if any(use.has_expired for use in uses.values()):
        _sweep(list(active), now)
        uses = _uses(active, now)
    if any(uses[id].slots + slots > limit.limit for id, limit in active.items()):
        return None
    return [(limit, uses[id]) for id, limit in active.items()]


def _sweep(limit_ids: Sequence[UUID], now: datetime) -> None:
    """Take away what has expired, so that a late renewal finds its lease gone."""
    expired = Slot.objects.filter(limit_id__in=limit_ids, expires__lte=now).values_list(
        "pk", "lease_id", "limit__slot_decay_per_second"
    )[:1000]
    drained, leases = [], set()
    for pk, lease_id, rate in expired:
        if lease_id is None or rate:
            drained.append(pk)
        else:
            leases.add(lease_id)
    if drained:
        Slot.objects.filter(pk__in=drained).delete()
    if leases:
        _delete(_locked_ids(Lease.objects.filter(pk__in=leases, expires__lte=now)))


def _insert(
    uses: Sequence[tuple[Limit, Use]], slots: int, lease: Lease | None, now: datetime
) -> None:
    rows = []
    for limit, use in uses:
        expires = lease.expires if lease else None
        if limit.slot_decay_per_second:
            expires = decay.drain_end(
                use.draining_until, slots, limit.slot_decay_per_second, now
            )
        rows.append(
            Slot(limit=limit, lease=lease, slots=slots, taken=now, expires=expires)
        )
    if rows:
        Slot.objects.bulk_create(rows)


def _shrink(limit: Limit, slots: int, now: datetime) -> None:
    """Remove slots without a lease; of draining ones those that would drain last."""
    rate = limit.slot_decay_per_second
    rows = Slot.objects.filter(live(now), limit=limit, lease=None)
    for row in rows.order_by("-expires" if rate else "taken", "id"):
        if rate and row.expires:
            row.slots = decay.undrained(row.slots, row.expires, rate, now)
        if row.slots > slots:
            row.slots -= slots
            if rate and row.expires:
                row.expires -= timedelta(seconds=slots / rate)
            row.save(update_fields=["slots", "expires"])
            return
        slots -= row.slots
        row.delete()
        if not slots:
            return


def _give_back(
    lease_ids: Sequence[UUID], now: datetime, *, only_expired: bool = False
) -> int:
    """Remove leases and their slots, and learn how long these were held."""
    if not lease_ids:
        return 0
    held = list(
        Slot.objects.filter(lease_id__in=lease_ids).values_list(
            "limit_id", "lease_id", "slots", "taken"
        )
    )
    limit_ids = {limit_id for limit_id, *_ in held}
    limits = {
        limit.pk: limit
        for limit in Limit.objects.filter(pk__in=limit_ids).locked().order_by("name")
    }
    leases = Lease.objects.filter(pk__in=lease_ids)
    if only_expired:
        leases = leases.filter(expires__lte=now)
    gone = _locked_ids(leases)
    for limit_id, lease_id, slots, taken in held:
        if lease_id in gone and limit_id in limits:
            _learn(limits[limit_id], (now - taken).total_seconds(), slots)
    _delete(gone)
    return len(gone)


def _locked_ids(leases: OrionQuerySet[Lease]) -> list[UUID]:
    return [lease.pk for lease in leases.locked().order_by("pk")]


def _delete(lease_ids: Sequence[UUID]) -> None:
    if lease_ids:
        Slot.objects.filter(lease_id__in=lease_ids).delete()
        Lease.objects.filter(pk__in=lease_ids).delete()


def _learn(limit: Limit, seconds: float, slots: int) -> None:
    limit.avg_slot_occupancy_seconds = decay.occupancy_after(
        limit.avg_slot_occupancy_seconds, seconds, slots=slots, limit=limit.limit
    )
    Limit.objects.filter(pk=limit.pk).update(
        avg_slot_occupancy_seconds=limit.avg_slot_occupancy_seconds
    )
