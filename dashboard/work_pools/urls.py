"""Addresses of work pools, their queues, and agents."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from dashboard.work_pools import acts, lists, pool, queues


class TabConverter(StringConverter):
    """The tabs by name: other dashboards' addresses have pools in that place."""

    regex = "|".join(tab for tab in pool.TABS if tab)


register_converter(TabConverter, "pooltab")

PAUSE, GO = {"paused": True}, {"paused": False}

POOLS = [
    path("work-pools", lists.work_pools, name="work-pools"),
    path("new/work-pool", acts.create, name="new-work-pool"),
    path("work-pools/<str:name>", pool.work_pool, name="work-pool"),
    path("work-pools/<str:name>/edit", acts.edit, name="edit-work-pool"),
    path("work-pools/<str:name>/limit", acts.limit, name="limit-work-pool"),
    path("work-pools/<str:name>/pause", acts.pause, PAUSE, name="pause-work-pool"),
    path("work-pools/<str:name>/resume", acts.pause, GO, name="resume-work-pool"),
    path("work-pools/<str:name>/delete", acts.delete, name="delete-work-pool"),
    path("work-pools/<str:name>/<pooltab:tab>", pool.work_pool, name="work-pool-tab"),
    path("work-pools/<str:pool>/new/queue", queues.create, name="new-work-queue"),
    path("work-queues/<uuid:id>", queues.by_id, name="work-queue-by-id"),
    path("agents", lists.agents, name="agents"),
]
QUEUE = "work-pools/<str:pool>/queues/<str:name>"
QUEUES = [
    path(QUEUE, queues.queue, name="work-queue"),
    path(f"{QUEUE}/edit", queues.edit, name="edit-work-queue"),
    path(f"{QUEUE}/limit", queues.limit, name="limit-work-queue"),
    path(f"{QUEUE}/pause", queues.pause, PAUSE, name="pause-work-queue"),
    path(f"{QUEUE}/resume", queues.pause, GO, name="resume-work-queue"),
    path(f"{QUEUE}/priority", queues.move, name="move-work-queue"),
    path(f"{QUEUE}/delete", queues.delete, name="delete-work-queue"),
]

routes = [*POOLS, *QUEUES]
