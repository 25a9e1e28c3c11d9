"""Where the running code is: the current flow or task run, and the current tags."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from orion.exceptions import MissingContextError

if TYPE_CHECKING:
    import inspect
    import logging

    from orion.engine.runs import FlowRun, TaskRun
    from orion.engine.tracking import Tracked
    from orion.flows import Flow
    from orion.futures import Future
    from orion.report.reporter import Reporter
    from orion.task_runners.base import TaskRunner
    from orion.tasks import Task

R = TypeVar("R")


class FlowRunContext:
    """A flow run while it is executed by this process."""

    __slots__ = (
        "attempt",
        "bound",
        "cancel_requested",
        "counters",
        "flow",
        "futures",
        "lock",
        "log_prints",
        "parameters",
        "parent",
        "reporter",
        "run",
        "runner",
        "start_time",
        "stopped",
        "task_ids",
        "tracked",
    )

    def __init__(
        self,
        flow: Flow[..., Any],
        run: FlowRun,
        reporter: Reporter,
        *,
        parent: FlowRunContext | TaskRunContext | None,
        log_prints: bool,
    ) -> None:
        self.flow, self.run, self.reporter = flow, run, reporter
        self.parent = parent
        self.log_prints: bool = log_prints
        self.parameters: Mapping[str, Any] = {}
        self.bound: inspect.BoundArguments | None = None
        self.start_time: datetime | None = None
        self.attempt = 0
        self.cancel_requested = False
        self.lock = threading.Lock()
        self.counters: dict[str, int] = {}
        self.task_ids: dict[tuple[str, int], Any] = {}
        self.futures: dict[Future[Any], None] = {}
        self.stopped: BaseException | None = None
        self.runner: TaskRunner | None = None
        self.tracked: Tracked | None = None

    @property
    def logger(self) -> logging.LoggerAdapter[Any]:
        """The run's logger."""
        from orion.logs import logger_of

        return logger_of(self)

    @property
    def flow_context(self) -> FlowRunContext:
        """Itself: what a task run answers with its flow."""
        return self

    def count(self, key: str) -> int:
        """The number of earlier calls of this task or subflow in this run."""
        with self.lock:
            number = self.counters.get(key, 0)
            self.counters[key] = number + 1
        return number

    def forget_attempt(self) -> None:
        """Start over: the body is about to run once more."""
        with self.lock:
            self.counters.clear()
            self.futures.clear()


class TaskRunContext:
    """A task run while it is executed by this process."""

    __slots__ = (
        "attempt",
        "bound",
        "flow_context",
        "log_prints",
        "parent",
        "reporter",
        "run",
        "start_time",
        "task",
    )

    def __init__(
        self,
        task: Task[..., Any],
        run: TaskRun,
        reporter: Reporter,
        *,
        bound: inspect.BoundArguments,
        parent: FlowRunContext | TaskRunContext | None,
    ) -> None:
        self.task, self.run, self.reporter = task, run, reporter
        self.bound, self.parent = bound, parent
        self.flow_context: FlowRunContext | None = (
            parent.flow_context if parent else None
        )
        inherited = parent.log_prints if parent else False
        self.log_prints: bool = (
            inherited if task.log_prints is None else task.log_prints
        )
        self.start_time: datetime | None = None
        self.attempt = 0

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The arguments by name, defaults included."""
        self.bound.apply_defaults()
        return self.bound.arguments

    @property
    def logger(self) -> logging.LoggerAdapter[Any]:
        """The run's logger."""
        from orion.logs import logger_of

        return logger_of(self)

    @property
    def cancel_requested(self) -> bool:
        """True when the flow run is being cancelled."""
        return self.flow_context is not None and self.flow_context.cancel_requested


RunContext = FlowRunContext | TaskRunContext
current: contextvars.ContextVar[RunContext | None] = contextvars.ContextVar(
    "orion_run", default=None
)
_tags: contextvars.ContextVar[frozenset[str]] = contextvars.ContextVar(
    "orion_tags", default=frozenset()
)


def get_run_context() -> RunContext:
    """The flow or task run that executes this code."""
    found = current.get()
    if found is None:
        raise MissingContextError(
            "There is no run here: call this inside of a flow or a task"
        )
    return found


@contextlib.contextmanager
def tags(*names: str) -> Iterator[frozenset[str]]:
    """Tag every run created inside the block; blocks nest."""
    token = _tags.set(_tags.get() | frozenset(names))
    try:
        yield _tags.get()
    finally:
        _tags.reset(token)


def current_tags() -> frozenset[str]:
    """The tags of the enclosing `tags` blocks."""
    return _tags.get()


def wrap(fn: Callable[..., R]) -> Callable[..., R]:
    """A function for a thread of your own that keeps the current run."""
    copied = contextvars.copy_context()

    def in_context(*args: Any, **kwargs: Any) -> R:
        return copied.copy().run(fn, *args, **kwargs)

    return in_context
