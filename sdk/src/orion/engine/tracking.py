"""Remembers which task run made a value, so that passing it on draws an edge."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import Any
from uuid import UUID

SHARED = (type(None), bool, int, float, complex, str, bytes, type, type(...))
CONTAINERS = (list, dict, set, tuple, frozenset, bytearray)
MOST_CONTAINERS = 64  # these cannot be watched, so they are held, but never many


class Tracked:
    """Values made by the task runs of one flow run."""

    __slots__ = ("__weakref__", "_held", "_lock", "_watched")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[int, tuple[weakref.ref[Any], UUID]] = {}
        self._held: OrderedDict[int, tuple[Any, UUID]] = OrderedDict()

    def made(self, value: Any, run: UUID) -> None:
        """Say that `value` is the result of this run."""
        if isinstance(value, SHARED):
            return
        key = id(value)
        if isinstance(value, CONTAINERS):
            if not value:
                return  # empty ones may be shared by the interpreter
            with self._lock:
                self._held[key] = (value, run)
                self._held.move_to_end(key)
                if len(self._held) > MOST_CONTAINERS:
                    self._held.popitem(last=False)
            return
        try:
            seen = weakref.ref(value, lambda _: self._watched.pop(key, None))
        except TypeError:
            return
        self._watched[key] = (seen, run)

    def maker(self, value: Any) -> UUID | None:
        """The run that made exactly this object, if it is known."""
        if isinstance(value, SHARED):
            return None
        held = self._held.get(id(value))
        if held is not None and held[0] is value:
            return held[1]
        watched = self._watched.get(id(value))
        if watched is not None and watched[0]() is value:
            return watched[1]
        return None
