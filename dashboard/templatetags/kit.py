"""The kit's tags: badges, icons, times, durations, parts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.clock import now as current
from dashboard.base import times
from dashboard.looks import BY_STATUS, first_line, gist, look, word

register = template.Library()
register.filter(first_line)
register.filter(gist)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def badge(type: str | None, name: str | None, size: str = "") -> SafeString:
    """A state: icon, word and colour."""
    shape = look(type, name)
    return format_html(
        '<span class="badge {} {}" data-state="{}">{}<span>{}</span></span>',
        shape.kind,
        size,
        shape.kind,
        icon(shape.icon),
        word(type, name),
    )


@register.simple_tag
def status(key: str, size: str = "") -> SafeString:
    """A status of a pool, a queue, a worker, a deployment or a loop, as a badge."""
    title, shape = BY_STATUS[key]
    return format_html(
        '<span class="badge {} {}" data-status="{}">{}<span>{}</span></span>',
        shape.kind,
        size,
        key.lower(),
        icon(shape.icon),
        title,
    )


@register.filter
def kind(run: Any) -> str:
    """The look of a run's state, as a class."""
    return look(run.state_type, run.state_name).kind


@register.simple_tag(takes_context=True)
def time(context: template.Context, moment: datetime | None, how: str = "clock") -> str:
    """An absolute time: `clock`, `second`, `ms` or `stamp`, in the reader's zone."""
    if not moment:
        return ""
    page = context["page"]
    return format_html(
        '<time datetime="{}" data-as="{}" title="{} {}">{}</time>',
        times.utc(moment),
        how,
        times.stamp(moment, page.zone),
        page.zone.key,
        times.written(moment, how, page.zone, page.now),
    )


@register.simple_tag(takes_context=True)
def distance(context: template.Context, moment: datetime | None, how: str) -> str:
    """A time told by its distance, counting by itself: `until` or `late`."""
    if not moment:
        return ""
    page = context["page"]
    left = (moment - page.now).total_seconds()
    past = "late" if how == "late" else "ago"
    text = f"in {times.rough(left)}" if left > 0 else f"{times.rough(left)} {past}"
    return format_html(
        '<time datetime="{}" data-tick="{}" title="{} {}">{}</time>',
        times.utc(moment),
        how,
        times.stamp(moment, page.zone),
        page.zone.key,
        text,
    )


@register.simple_tag(takes_context=True)
def ran(context: template.Context, run: Any) -> str:
    """How long a run has run; it counts on while it does."""
    seconds = run.estimated_run_time(context["page"].now)
    if run.state_type == "RUNNING" and run.state_timestamp:
        return format_html(
            '<time datetime="{}" data-tick="since" data-base="{}">{}</time>',
            times.utc(run.state_timestamp),
            round(run.total_run_time, 3),
            times.duration(seconds),
        )
    return times.duration(seconds) if run.start_time or seconds else ""


@register.filter
def duration(seconds: float | None) -> str:
    """A measured stretch of time."""
    return "" if seconds is None else times.duration(seconds)


@register.filter
def rough(seconds: float) -> str:
    """A round stretch of time, as settings name them."""
    return times.rough(seconds)


@register.filter
def moment(wall: datetime) -> str:
    """A time on the clock of its own zone, with the day of the week."""
    return f"{wall:%a %Y-%m-%d %H:%M:%S}"


@register.filter
def pretty(value: Any) -> str:
    """A JSON value, indented."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.simple_tag(takes_context=True)
def part(context: template.Context, id: str) -> SafeString:
    """A part of the page that can be asked for again."""
    drawn: SafeString = context["parts"][id]
    return drawn


@register.simple_tag(takes_context=True)
def address(context: template.Context, **changes: Any) -> str:
    """This page's query with some parameters replaced, or left out when empty."""
    query = context["page"].asked.copy()
    query.pop("before", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def asked_at() -> str:
    """Differs in every answer, so that htmx reads its element anew."""
    return current().isoformat()
