"""The threads that talk to the database on behalf of the event loop.

They live as long as the process and keep their connections, so their number bounds
those. Plain HTTP runs on them whole; sockets borrow them for a statement or two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from core.conf import conf
from core.sql import be_patient

P = ParamSpec("P")
R = TypeVar("R")

pool = ThreadPoolExecutor(
    conf.lane_threads,
    thread_name_prefix="lane",
    initializer=lambda: be_patient(conf.sqlite_web_wait),
)


async def in_thread(verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `verb` returns, run on one of the threads."""
    job = partial(_with_fresh_connections, partial(verb, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(pool, job)


def _with_fresh_connections(job: Callable[[], R]) -> R:
    """A connection that broke is replaced before the next job, not by it."""
    close_old_connections()
    try:
        return job()
    finally:
        close_old_connections()
