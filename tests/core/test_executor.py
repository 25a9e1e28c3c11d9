from __future__ import annotations

import asyncio
import threading

import pytest

from core.conf import conf
from core.executor import in_thread
from core.sql import patience


def test_a_verb_runs_on_a_thread_that_waits_as_long_as_a_web_request():
    def verb(word: str, *, times: int) -> tuple[str, str, float]:
        return word * times, threading.current_thread().name, patience()

    said, thread, seconds = asyncio.run(in_thread(verb, "a", times=3))

    assert said == "aaa"
    assert thread.startswith("lane")
    assert seconds == conf.sqlite_web_wait


def test_its_error_comes_back():
    def verb() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(in_thread(verb))
