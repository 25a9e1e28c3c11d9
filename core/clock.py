"""The one place that asks what time it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.conf import conf

LOOK_EVERY = 0.02  # seconds between looks at a clock that tests move


def now() -> datetime:
    """The current instant, aware, in UTC.

    Under `ORION_TEST_CLOCK=FILE` it is the instant in that file, in ISO format with an
    offset; whoever moves it replaces the file in one step.
    """
    return datetime.now(UTC) if conf.test_clock is None else _told(conf.test_clock)


def refuse_test_clock() -> None:
    """Keep a clock that stands still out of everything but tests.

    Raises:
        ValueError: one is set.
    """
    if conf.test_clock is not None:
        raise ValueError(
            "ORION_TEST_CLOCK stops the server's clock and works only with "
            "DJANGO_SETTINGS_MODULE=orion_site.settings.test. Unset it."
        )


def on_move(call: Callable[[], None], stop: threading.Event) -> None:
    """Call this when the tests' clock moves, from a thread that ends with `stop`."""
    if conf.test_clock is not None:
        arguments = (conf.test_clock, call, stop)
        threading.Thread(target=_watch, args=arguments, daemon=True).start()


def _watch(file: Path, call: Callable[[], None], stop: threading.Event) -> None:
    shown = _told(file)
    while not stop.wait(LOOK_EVERY):
        if (at := _told(file)) != shown:
            shown = at
            call()


def _told(file: Path) -> datetime:
    return datetime.fromisoformat(file.read_text().strip()).astimezone(UTC)
