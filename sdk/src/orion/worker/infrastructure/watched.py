"""Jobs that run elsewhere: a thread for each starts it, follows it, learns its end."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from orion.worker.infrastructure.job import InfrastructureError
from orion.worker.infrastructure.wire import ApiUnavailable

if TYPE_CHECKING:
    from orion.worker.output import Output

logger = logging.getLogger("orion.agent")
AGAIN_SECONDS: Final = 2.0


class Watched(ABC):
    """A handle whose name is chosen before the job exists, so nothing is ever lost."""

    kind = ""
    pid, started = 0, None

    def __init__(self, identifier: str, output: Output, *, is_adopted: bool) -> None:
        self.identifier, self.output, self._is_adopted = identifier, output, is_adopted
        self.code: int | None = None
        self.problem: str | None = None
        self._over = threading.Event()
        self._gone = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, name=f"orion-{identifier}", daemon=True
        )
        if is_adopted:
            self._thread.start()

    @property
    def is_adopted(self) -> bool:
        return self._is_adopted

    @property
    def may_begin(self) -> bool:
        """False once somebody wants it ended, were it in the middle of its start."""
        return not self._over.is_set()

    def has_gone(self) -> bool:
        """The thread says so when it has read the last line."""
        return self._gone.is_set()

    def let_go(self) -> None:
        """Start the job, without waiting for images or nodes."""
        self._thread.start()

    def end(self, *, hard: bool, grace: float) -> None:
        """Ask for the end; where the API is away the next call asks again."""
        self._over.set()
        try:
            self.ask_to_end(hard=hard, grace=grace)
        except InfrastructureError as error:
            logger.warning("%s cannot be ended now: %s", self.identifier, error)

    def clear(self) -> None:
        """Remove it; what cannot be removed is said and left."""
        try:
            self.remove()
        except InfrastructureError as error:
            logger.warning("%s is left behind: %s", self.identifier, error)

    @abstractmethod
    def begin(self) -> None:
        """Make the job and start it."""

    @abstractmethod
    def follow(self) -> bool:
        """Pass on what it prints and set its code; False if it goes on."""

    @abstractmethod
    def ask_to_end(self, *, hard: bool, grace: float) -> None:
        """Tell the job to stop."""

    @abstractmethod
    def remove(self) -> None:
        """Take away what is left of it."""

    def _watch(self) -> None:
        try:
            if not self._is_adopted:
                self.begin()
            self._follow_to_its_end()
        except InfrastructureError as error:
            self.problem = str(error)
        except Exception as error:
            logger.exception("watching %s failed", self.identifier)
            self.problem = f"Watching the job failed: {type(error).__name__}: {error}"
        finally:
            self._gone.set()

    def _follow_to_its_end(self) -> None:
        """An API that is away ends no job: it is asked again."""
        has_failed = False
        while True:
            try:
                if self.follow():
                    return
                has_failed = False
            except ApiUnavailable as error:
                if not has_failed:
                    logger.warning("%s cannot be watched: %s", self.identifier, error)
                has_failed = True
            threading.Event().wait(AGAIN_SECONDS if has_failed else 0.1)
