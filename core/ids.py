"""Time-ordered identifiers: sorting by id is sorting by creation."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A version 7 UUID (RFC 9562, 5.7): milliseconds, then order, then noise.

    The 12 bits after the version hold the fraction of the millisecond (method 3 of
    6.2) and never go back within one process, so ids made in a row sort as made.
    """
    return uuid7s(1)[0]


def uuid7s(number: int) -> list[UUID]:
    """Several of them, in order."""
    global _last
    moment = time.time_ns()
    stamp = (moment // 1_000_000 << 12) | (moment % 1_000_000 * 4096 // 1_000_000)
    with _lock:
        first = max(stamp, _last + 1)
        _last = first + number - 1
    noise = os.urandom(8 * number)
    return [
        _uuid7(first + n, int.from_bytes(noise[8 * n : 8 * n + 8]) >> 2)
        for n in range(number)
    ]


def _uuid7(stamp: int, noise: int) -> UUID:
    high = (stamp >> 12 << 16) | 0x7000 | (stamp & 0xFFF)
    return UUID(int=(high << 64) | (0b10 << 62) | noise)
