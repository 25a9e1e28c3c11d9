"""Writing SVG: elements, escaping, short numbers, places on a time axis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


def number(value: float) -> str:
    """A coordinate without needless digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """A horizontal place, as a share of the chart's width."""
    return f"{number(value)}%"


def element(tag: str, *inside: str, **attributes: object) -> SafeString:
    """An element. `class_` is written `class`, `text_anchor` is written `text-anchor`.

    Text inside is escaped unless it is safe already; None leaves an attribute out.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{conditional_escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    content = "".join(conditional_escape(part) for part in inside)
    closed = f">{content}</{tag}>" if content else "/>"
    return mark_safe(f"<{tag}{written}{closed}")  # noqa: S308 - all parts are escaped


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that fills a chart's width."""

    start: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        """Where a moment is, in per cent; clipped to the chart."""
        whole = (self.end - self.start) / timedelta(seconds=1)
        part = (moment - self.start) / timedelta(seconds=1)
        return min(100.0, max(0.0, 100 * part / whole)) if whole > 0 else 0.0

    def covers(self, moment: datetime) -> bool:
        """Whether the moment is inside."""
        return self.start <= moment <= self.end


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on the time axis."""

    at: datetime
    label: str
