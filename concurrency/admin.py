"""Admin pages of concurrency."""

from __future__ import annotations

from django.contrib import admin

from concurrency.models import Lease, Limit, Slot
from core.admin import Admin, LookOnly


@admin.register(Limit)
class LimitAdmin(Admin):
    """Limits. Lowering one takes no slot away: holders keep theirs."""

    list_display = ("name", "limit", "active", "slot_decay_per_second", "updated")
    list_filter = ("active",)
    search_fields = ("name",)
    readonly_fields = ("avg_slot_occupancy_seconds", "denied_slots", "denied_at")


@admin.register(Lease)
class LeaseAdmin(LookOnly):
    """Who holds slots, and until when."""

    list_display = ("id", "holder_type", "holder_id", "expires", "created")
    list_filter = ("holder_type",)
    search_fields = ("holder_id",)


@admin.register(Slot)
class SlotAdmin(LookOnly):
    """The slots that leases hold."""

    list_display = ("limit", "slots", "lease", "taken", "expires")
    list_filter = ("limit",)
    list_select_related = ("limit", "lease")
