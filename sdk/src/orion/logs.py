"""Loggers of runs, and the handler that sends their records to the server."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orion.context import FlowRunContext, RunContext, current, get_run_context
from orion.engine.jsonable import as_json
from orion.settings import settings

if TYPE_CHECKING:
    from orion.report.reporter import Reporter

ROOT = "orion"
LONGEST_MESSAGE = 1024 * 1024
OWN = ("orion.report", "orion.client", "orion.worker")  # never sent: they would loop
FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | %(run)s%(message)s"
_lock = threading.Lock()
_shipping: Shipping | None = None


class RunLogger(logging.LoggerAdapter[logging.Logger]):
    """Adds the run to each record."""

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Keep the caller's own extras beside ours."""
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs


def get_logger(name: str | None = None) -> logging.Logger:
    """A logger below `orion`."""
    return logging.getLogger(f"{ROOT}.{name}" if name else ROOT)


def get_run_logger(**extra: Any) -> logging.LoggerAdapter[Any]:
    """The logger of the current run; raises outside of one."""
    return logger_of(get_run_context(), **extra)


def logger_of(ctx: RunContext, **extra: Any) -> RunLogger:
    """The logger of one run."""
    return RunLogger(_logger(ctx), {**_facts(ctx), **extra})


def _logger(ctx: RunContext) -> logging.Logger:
    kind = "flow_runs" if isinstance(ctx, FlowRunContext) else "task_runs"
    return logging.getLogger(f"{ROOT}.{kind}")


def _facts(ctx: RunContext) -> dict[str, Any]:
    """The record attributes that say which run speaks."""
    flow = ctx.flow_context
    facts: dict[str, Any] = {}
    if flow is not None:
        facts |= {
            "flow_run_id": str(flow.run.id),
            "flow_run_name": flow.run.name,
            "flow_name": flow.flow.name,
        }
    if not isinstance(ctx, FlowRunContext):
        facts |= {
            "task_run_id": str(ctx.run.id),
            "task_run_name": ctx.run.name,
            "task_name": ctx.task.name,
        }
    return facts


def prepare_logging(reporter: Reporter) -> None:
    """Before the first run: a console if nobody has one, and the way to the server."""
    logger = logging.getLogger(ROOT)
    with _lock:
        if logger.level == logging.NOTSET:
            logger.setLevel(settings().logging.level.upper())
        if not logger.handlers and not logging.getLogger().handlers:
            console = logging.StreamHandler(_Stderr())
            console.setFormatter(ConsoleFormatter(FORMAT, "%H:%M:%S"))
            logger.addHandler(console)
    if not reporter.is_offline and settings().logging.to_api:
        _ship(reporter)


def _ship(reporter: Reporter) -> None:
    global _shipping
    with _lock:
        if _shipping is None:
            _shipping = Shipping(reporter)
        _shipping.reporter = reporter
        extra = settings().logging.extra_loggers.split(",")
        for name in (ROOT, *filter(None, map(str.strip, extra))):
            logger = logging.getLogger(name)
            if _shipping not in logger.handlers:
                logger.addHandler(_shipping)


class _Stderr:
    """Whatever `sys.stderr` is when a line is written."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class ConsoleFormatter(logging.Formatter):
    """One line with the time, the level and the run."""

    def format(self, record: logging.LogRecord) -> str:
        """Fill in which run speaks."""
        names = (
            getattr(record, "flow_run_name", None),
            getattr(record, "task_run_name", None),
        )
        said = " / ".join(name for name in names if name)
        record.run = f"{said}: " if said else ""
        return super().format(record)


class Shipping(logging.Handler):
    """Hands the records of runs to the reporter."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__()
        self.reporter = reporter
        self._plain = logging.Formatter("%(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        """Take the record if it belongs to a run; this never waits."""
        if record.name.startswith(OWN):
            return
        flow_run = getattr(record, "flow_run_id", None)
        task_run = getattr(record, "task_run_id", None)
        ctx = current.get()
        if flow_run is None and task_run is None:
            if ctx is None:
                return
            facts = _facts(ctx)
            flow_run, task_run = facts.get("flow_run_id"), facts.get("task_run_id")
        try:
            message = as_json(self._plain.format(record))
        except Exception:
            self.handleError(record)
            return
        reporter = ctx.reporter if ctx is not None else self.reporter
        reporter.log(
            {
                "name": record.name,
                "level": record.levelno,
                "message": _cut(message),
                "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
                "flow_run_id": flow_run,
                "task_run_id": task_run,
            }
        )


def _cut(message: str) -> str:
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[:LONGEST_MESSAGE]}… (cut, {len(message)} characters)"
