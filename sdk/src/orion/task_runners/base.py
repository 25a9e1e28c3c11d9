"""What every task runner offers: it is only transport for work items."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import asyncio

    from orion.engine.work import WorkItem


class TaskRunner:
    """Takes work items and lets them run; one instance serves one flow run."""

    name = "runner"
    is_inline = False  # True: items run in the submitting thread, which may wait

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread: threading.Thread | None = None
        self._loop_guard = threading.Lock()

    def submit(self, item: WorkItem, *, front: bool = False) -> None:
        """Take an item that is ready."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of threads once everything taken has ended."""
        self._close_loop()

    def duplicate(self) -> Self:
        """A fresh runner with the same settings."""
        return type(self)()

    def is_worker(self) -> bool:
        """True if the calling thread is one of a task runner's workers."""
        return False

    def blocking(self) -> contextlib.AbstractContextManager[None]:
        """Wraps a wait of the calling thread."""
        return contextlib.nullcontext()

    def lost_worker(self) -> None:
        """A worker was given up and returns to nobody."""

    def loop(self) -> asyncio.AbstractEventLoop:
        """A private event loop for async tasks; its thread starts on first need."""
        import asyncio

        with self._loop_guard:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop_thread = threading.Thread(
                    target=self._loop.run_forever, name="orion-loop", daemon=True
                )
                self._loop_thread.start()
            return self._loop

    def _close_loop(self) -> None:
        with self._loop_guard:
            loop, thread = self._loop, self._loop_thread
            self._loop = self._loop_thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
