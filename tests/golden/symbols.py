"""Symbols for ids and times: put into requests, found again in answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
NOW = re.compile(r"\$now(?:([+-]\d+)s)?")
NAME = re.compile(r"\$([a-z]\w*)")
GRAIN = 30  # seconds; a play takes less than half of that, also on a busy machine


def moment(text: str) -> datetime:
    """A time on the wire."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def apart(seconds: int) -> str:
    """A distance from now, as it is written in scripts."""
    return f"{seconds:+d}s" if seconds else ""


class Symbols:
    """What the symbols of one play stand for."""

    def __init__(self, now: datetime, spans: tuple[tuple[int, int], ...] = ()) -> None:
        self.now = now
        self.spans = spans
        self.token = uuid4().hex[:10]
        self.ids: dict[str, str] = {}
        self.sent: dict[datetime, str] = {}

    def id(self, name: str) -> str:
        """The id behind a name; made when it is used for the first time."""
        return self.ids.setdefault(name, str(uuid4()))

    def fill(self, value: Any) -> Any:
        """`value` with what its symbols stand for."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        value = NOW.sub(lambda found: self._time(int(found[1] or 0)), value)
        value = value.replace("$token", self.token)
        return NAME.sub(lambda found: self.id(found[1]), value)

    def _time(self, seconds: int) -> str:
        time = self.now + timedelta(seconds=seconds)
        self.sent[time] = f"$now{apart(seconds)}"
        return time.isoformat()

    def find(self, value: Any) -> Any:
        """`value` with symbols for ids, times and this play's own texts."""
        if isinstance(value, dict):
            return {self.find(key): self.find(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.find(item) for item in value]
        if not isinstance(value, str):
            return value
        if TIME.fullmatch(value):
            return self.time(value)
        names = {id: f"${name}" for name, id in self.ids.items()}
        value = ID.sub(lambda found: names.get(found[0], "<id>"), value)
        return value.replace(self.token, "$token")

    def time(self, text: str) -> str:
        """How a time relates to the start: exactly as sent, or about."""
        value = moment(text)
        if value in self.sent:
            return self.sent[value]
        offset = (value - self.now).total_seconds()
        for low, high in self.spans:
            if low <= offset <= high + GRAIN / 2:
                return f"~now{apart(low)}..{apart(high)}"
        return f"~now{apart(round(offset / GRAIN) * GRAIN)}"
