"""Rows of the run list: a run and the one line that says how it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.base.causes import Cause, causes
from runs.models import FlowRun
from runs.reads import Progress, progress
from runs.states import AWAITING_RETRY, AWAITING_SLOT, LATE

QUIET = "All states completed."  # what clients say of every success


@dataclass(frozen=True, slots=True)
class RunRow:
    """What one line of the list shows."""

    run: Any  # a FlowRun with `started` and `message`
    progress: Progress | None
    said: str

    @property
    def is_due(self) -> bool:
        """Whether it waits for a time rather than having begun."""
        return bool(self.run.state_type == "SCHEDULED")

    @property
    def waits(self) -> str:
        """How its distance is told."""
        return "late" if self.run.state_name == LATE else "until"

    @property
    def due(self) -> datetime | None:
        """When it is due."""
        at: datetime | None = self.run.next_scheduled_start_time
        return at


def rows_of(runs: Sequence[Any]) -> list[RunRow]:
    """The rows, with the progress of all in one query and the reasons of late ones."""
    done = progress([run.pk for run in runs])
    reasons = causes([run.pk for run in runs if run.state_name == LATE])
    return [
        RunRow(run, done.get(run.pk), _said(run, reasons.get(run.pk))) for run in runs
    ]


def _said(run: Any, reason: Cause | None) -> str:
    if reason is not None:
        return reason.sentence
    if run.state_name == AWAITING_RETRY:
        return attempts(run)
    if run.state_name == AWAITING_SLOT and run.deployment:
        return f"{run.deployment.name} is at its limit of runs"
    return "" if run.message == QUIET else run.message or ""


def attempts(run: FlowRun) -> str:
    """Which attempt comes next."""
    retries = run.empirical_policy.get("retries")
    of = f" of {retries + 1}" if isinstance(retries, int) else ""
    return f"attempt {run.run_count + 1}{of} is next"
