"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(is_so: Callable[[], bool], within: float) -> bool:
    """Whether it becomes so within so many seconds."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
