"""Queues of a pool: their page, and what is done to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.actor import Actor
from core.errors import Invalid, NotFound
from dashboard.base.page import PageRequest, page
from dashboard.base.pool_loads import Load, loads
from dashboard.base.pool_rows import queue_row
from dashboard.work_pools.acts import (
    LESS,
    back,
    counted,
    done,
    in_words,
    limit_form,
    say,
    show_form,
)
from dashboard.work_pools.forms import QueueForm, Sure
from dashboard.work_pools.lists import LIVE
from dashboard.work_pools.pool import begun, waiting
from work_pools import services
from work_pools.models import WorkQueue


def find(pool_name: str, name: str, actor: Actor) -> WorkQueue:
    """The queue of that name in that pool."""
    pool = services.find_pool(pool_name, actor=actor)
    return services.find_queue(pool, name)


@page("work_pools.view", room="Work pools")
def by_id(request: PageRequest, id: UUID) -> HttpResponse:
    """A queue's id leads to its address."""
    rows: Any = WorkQueue.objects.visible_to(request.actor)
    found = rows.filter(pk=id).select_related("pool").first()
    if found is None:
        raise NotFound(f"There is no work queue {id} here; it may have been deleted.")
    address = reverse("dashboard:work-queue", args=[found.pool.name, found.name])
    return HttpResponseRedirect(address)


@page("work_pools.view", room="Work pools")
def queue(request: PageRequest, pool: str, name: str) -> HttpResponse:
    """A queue: what it hands out next, and what came of it."""
    request.watch(*LIVE)
    found = find(pool, name, request.actor)
    row = queue_row(
        found, loads([found.pk], request.now).get(found.pk, Load()), request.now
    )
    return request.show(
        "work_pools/work_queue.html",
        title=f"{name} · {pool} · Work pools",
        parts={"queue": "work_pools/_queue.html"},
        crumbs=_crumbs(pool, name),
        queue=found,
        pool=found.pool,
        row=row,
        is_default=found.pool.default_queue_id == found.pk,
        waiting=waiting(request, {found.pk: 0}, row.load.due),
        runs=begun(request, [found.pk]),
    )


@page("work_pools.change", room="Work pools")
def create(request: PageRequest, pool: str) -> HttpResponseBase:
    """A form for a new queue."""
    form = QueueForm(request.http.POST or None)
    owner = services.find_pool(pool, actor=request.actor)

    def make() -> None:
        typed = form.cleaned_data["name"]
        services.create_queue(owner, typed, form.columns(), actor=request.actor)

    if done(request, form, make):
        say(request, f"Queue {form.cleaned_data['name']} is made.")
        return _to_queues(pool)
    return show_form(
        request,
        "work_pools/form.html",
        form,
        f"New queue of {pool}",
        crumbs=_crumbs(pool, "New queue"),
        cancel=reverse("dashboard:work-pool-tab", args=[pool, "queues"]),
    )


@page("work_pools.change", room="Work pools")
def edit(request: PageRequest, pool: str, name: str) -> HttpResponseBase:
    """A form for what may be changed of a queue."""
    found = find(pool, name, request.actor)
    known = {column: getattr(found, column) for column in QueueForm.base_fields}
    form = QueueForm(request.http.POST or None, initial=known)

    def change() -> None:
        wanted = {**form.columns(), "name": form.cleaned_data["name"]}
        services.amend_queue(found, wanted, actor=request.actor)

    if done(request, form, change):
        say(request, f"Queue {found.name} is changed.")
        address = reverse("dashboard:work-queue", args=[pool, found.name])
        return HttpResponseRedirect(address, status=303)
    return show_form(
        request,
        "work_pools/form.html",
        form,
        f"Edit queue {name}",
        crumbs=_crumbs(pool, name, "Edit"),
        cancel=reverse("dashboard:work-queue", args=[pool, name]),
    )


@page("work_pools.change", room="Work pools")
def limit(request: PageRequest, pool: str, name: str) -> HttpResponseBase:
    """A form to set or lift the limit of a queue."""
    found = find(pool, name, request.actor)
    form = limit_form(request, found)
    address = reverse("dashboard:work-queue", args=[pool, name])

    def change() -> None:
        services.amend_queue(found, form.cleaned_data, actor=request.actor)

    if done(request, form, change):
        limit = form.cleaned_data["concurrency_limit"]
        say(request, f"Queue {name}: {in_words(limit)}.")
        return HttpResponseRedirect(address, status=303)
    return show_form(
        request,
        "work_pools/form.html",
        form,
        f"Limit of queue {name}",
        crumbs=_crumbs(pool, name, "Limit"),
        cancel=address,
        note=LESS,
    )


@page("work_pools.change", room="Work pools")
def pause(request: PageRequest, pool: str, name: str, paused: bool) -> HttpResponseBase:
    """Stop handing out runs of a queue, or go on."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = find(pool, name, request.actor)
    services.amend_queue(found, {"is_paused": paused}, actor=request.actor)
    went_on = f"Queue {name} hands out runs again."
    say(request, f"Queue {name} is paused." if paused else went_on)
    return back(request, reverse("dashboard:work-queue", args=[pool, name]))


@page("work_pools.change", room="Work pools")
def move(request: PageRequest, pool: str, name: str) -> HttpResponseBase:
    """Give a queue another priority; the others make room."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    typed = request.http.POST.get("priority", "")
    if not typed.isdecimal() or not 1 <= int(typed) < 2**31:
        raise Invalid(f"{typed!r} is no priority; enter a whole number from 1.")
    found = find(pool, name, request.actor)
    services.amend_queue(found, {"priority": int(typed)}, actor=request.actor)
    say(request, f"Queue {name} has priority {typed} now.")
    return back(request, reverse("dashboard:work-pool-tab", args=[pool, "queues"]))


@page("work_pools.change", room="Work pools")
def delete(request: PageRequest, pool: str, name: str) -> HttpResponseBase:
    """Ask for the name once more, say what goes with it, and delete."""
    found = find(pool, name, request.actor)
    form = Sure(request.http.POST or None, name=name)
    if done(request, form, lambda: services.delete_queue(found, actor=request.actor)):
        say(request, f"Queue {name} is deleted.")
        return _to_queues(pool)
    row = queue_row(
        found, loads([found.pk], request.now).get(found.pk, Load()), request.now
    )
    return show_form(
        request,
        "work_pools/delete.html",
        form,
        f"Delete queue {name}",
        crumbs=_crumbs(pool, name, "Delete"),
        cancel=reverse("dashboard:work-queue", args=[pool, name]),
        name=f"queue {name}",
        losses=[
            f"{counted(found.deployments.count(), 'deployment')} will name no queue.",
            f"{counted(row.load.due, 'due run')} will not be handed out.",
            "The queues behind it move up.",
        ],
    )


def _to_queues(pool: str) -> HttpResponseBase:
    address = reverse("dashboard:work-pool-tab", args=[pool, "queues"])
    return HttpResponseRedirect(address, status=303)


def _crumbs(pool: str, *names: str) -> list[tuple[str, str | None]]:
    *before, last = names
    above = [(one, reverse("dashboard:work-queue", args=[pool, one])) for one in before]
    return [
        ("Work pools", reverse("dashboard:work-pools")),
        (pool, reverse("dashboard:work-pool-tab", args=[pool, "queues"])),
        *above,
        (last, None),
    ]
