"""What is done to pools: made, changed, paused, deleted. Each works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import Conflict, Invalid, Refused
from dashboard.base.page import PageRequest, page
from dashboard.base.pool_rows import pool_rows
from dashboard.work_pools.forms import EditPool, LimitForm, NewPool, Sure
from dashboard.work_pools.kinds import KINDS
from deployments.models import Deployment
from work_pools import services
from work_pools.models import WorkPool, WorkQueue

NOT_ACCEPTED = 422
LESS = (
    "With a lower limit, what is running goes on; nothing new starts until there "
    "is room."
)


@page("work_pools.create", room="Work pools")
def create(request: PageRequest) -> HttpResponseBase:
    """A form for a new pool."""
    form = NewPool(request.http.POST or None)

    def make() -> None:
        typed = form.cleaned_data
        services.create_pool(
            typed["name"], form.columns(), type=typed["type"], actor=request.actor
        )

    if done(request, form, make):
        name = form.cleaned_data["name"]
        say(request, f"Work pool {name} is made. Start a worker for it.")
        return _to_pool(name)
    return show_form(
        request,
        "work_pools/new.html",
        form,
        "New work pool",
        crumbs=[("Work pools", reverse("dashboard:work-pools")), ("New", None)],
        kinds=KINDS,
        chosen=form["type"].value(),
    )


@page("work_pools.change", room="Work pools")
def edit(request: PageRequest, name: str) -> HttpResponseBase:
    """A form for description, limit and template of a pool."""
    pool = services.find_pool(name, actor=request.actor)
    known = {column: getattr(pool, column) for column in EditPool.base_fields}
    form = EditPool(request.http.POST or None, initial=known)

    def change() -> None:
        services.amend_pool(name, form.columns(), actor=request.actor)

    if done(request, form, change):
        say(request, f"Work pool {name} is changed.")
        return _to_pool(name)
    return show_form(
        request,
        "work_pools/form.html",
        form,
        f"Edit {name}",
        crumbs=_crumbs(name, "Edit"),
        cancel=reverse("dashboard:work-pool", args=[name]),
        wide=True,
    )


@page("work_pools.change", room="Work pools")
def limit(request: PageRequest, name: str) -> HttpResponseBase:
    """A form to set or lift the limit of a pool."""
    pool = services.find_pool(name, actor=request.actor)
    form = limit_form(request, pool)

    def change() -> None:
        services.amend_pool(name, form.cleaned_data, actor=request.actor)

    if done(request, form, change):
        limit = form.cleaned_data["concurrency_limit"]
        say(request, f"Work pool {name}: {in_words(limit)}.")
        return _to_pool(name)
    return show_form(
        request,
        "work_pools/form.html",
        form,
        f"Limit of {name}",
        crumbs=_crumbs(name, "Limit"),
        cancel=reverse("dashboard:work-pool", args=[name]),
        note=LESS,
    )


@page("work_pools.change", room="Work pools")
def pause(request: PageRequest, name: str, paused: bool) -> HttpResponseBase:
    """Stop handing out runs of a pool, or go on."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    services.amend_pool(name, {"is_paused": paused}, actor=request.actor)
    went_on = f"Work pool {name} hands out runs again."
    stopped = f"Work pool {name} is paused. What is running goes on."
    say(request, stopped if paused else went_on)
    return back(request, reverse("dashboard:work-pool", args=[name]))


@page("work_pools.delete", room="Work pools")
def delete(request: PageRequest, name: str) -> HttpResponseBase:
    """Ask for the name once more, say what goes with it, and delete."""
    pool = services.find_pool(name, actor=request.actor)
    form = Sure(request.http.POST or None, name=name)
    if done(request, form, lambda: services.delete_pool(name, actor=request.actor)):
        say(request, f"Work pool {name} is deleted.")
        return HttpResponseRedirect(reverse("dashboard:work-pools"), status=303)
    (row,) = pool_rows([pool], request.now)
    queues = [one.queue.pk for one in row.queues]
    mine: Any = Deployment.objects.visible_to(request.actor)
    losing = mine.filter(work_queue__in=queues).count()
    return show_form(
        request,
        "work_pools/delete.html",
        form,
        f"Delete {name}",
        crumbs=_crumbs(name, "Delete"),
        cancel=reverse("dashboard:work-pool", args=[name]),
        name=f"work pool {name}",
        losses=[
            f"{counted(len(queues), 'queue')} and {counted(row.hands, 'worker')} "
            "are forgotten.",
            f"{counted(losing, 'deployment')} will name no pool.",
            f"{counted(row.load.due, 'due run')} will not be handed out.",
        ],
    )


def show_form(
    request: PageRequest, template: str, form: forms.Form, title: str, **context: Any
) -> HttpResponse:
    """The page of a form; with what was wrong, if something was."""
    status = NOT_ACCEPTED if form.errors else 200
    return request.show(
        template,
        title=f"{title} · Work pools",
        heading=title,
        form=form,
        status=status,
        **context,
    )


def done(request: PageRequest, form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether the form was sent, is right, and what it asks for was done.

    What the domain refuses is said on the form.
    """
    if request.http.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except (Conflict, Refused, Invalid) as error:
        form.add_error(None, str(error))
        return False
    return True


def limit_form(request: PageRequest, limited: WorkPool | WorkQueue) -> LimitForm:
    """The form of a limit, with the present one."""
    known = {"concurrency_limit": limited.concurrency_limit}
    return LimitForm(request.http.POST or None, initial=known)


def in_words(limit: int | None) -> str:
    """A limit as a person would say it."""
    return "no limit any more" if limit is None else f"at most {limit} at the same time"


def counted(number: int, noun: str) -> str:
    """`1 queue`, `2 queues`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def say(request: PageRequest, text: str) -> None:
    """Tell what was done, on the next page."""
    messages.success(request.http, text, extra_tags="completed")


def back(request: PageRequest, otherwise: str) -> HttpResponseBase:
    """To where the button was pressed; never to another host."""
    wanted = request.http.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.http.get_host()}):
        wanted = otherwise
    return HttpResponseRedirect(wanted, status=303)


def _to_pool(name: str) -> HttpResponseBase:
    address = reverse("dashboard:work-pool", args=[name])
    return HttpResponseRedirect(address, status=303)


def _crumbs(name: str, last: str) -> list[tuple[str, str | None]]:
    pools = reverse("dashboard:work-pools")
    pool = reverse("dashboard:work-pool", args=[name])
    return [("Work pools", pools), (name, pool), (last, None)]
