"""A back-fill as tables and its own page show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from dashboard.base.spoken import in_words
from dashboard.charts.strip import meter
from deployments.models import Backfill
from deployments.scheduling.backfill import counts
from runs.states import FINAL, StateType

PARTS = 100  # of the span, in the picture


@dataclass(frozen=True, slots=True)
class BackfillLine:
    """The back-fill, its schedule's title, and its runs by type of state."""

    backfill: Backfill
    title: str
    runs: Mapping[str, int]

    @property
    def status(self) -> str:
        """The key of its badge."""
        return self.backfill.status.upper()

    @property
    def made(self) -> int:
        """How many runs there are."""
        return sum(self.runs.values())

    @property
    def ended(self) -> int:
        """How many of them have ended."""
        return sum(self.runs.get(state, 0) for state in FINAL)

    @property
    def by_state(self) -> list[tuple[str, int]]:
        """Types of state with their numbers, in the order of a run's life."""
        return [(one, self.runs[one]) for one in StateType.values if self.runs.get(one)]

    @property
    def share(self) -> int:
        """How much of the span is decided, in per cent."""
        row = self.backfill
        if row.made_until is None:
            return 0
        whole = (row.end - row.start).total_seconds()
        done = (min(row.made_until, row.end) - row.start).total_seconds()
        return max(0, min(PARTS, round(PARTS * done / whole))) if whole > 0 else PARTS

    @property
    def picture(self) -> SafeString:
        """Which part of the span is decided."""
        return meter(done=self.share, failed=0, running=0, total=PARTS)

    @property
    def settings(self) -> list[str]:
        """What somebody chose, in a few words each."""
        row: Any = self.backfill
        said = [f"at most {row.limit} at a time", row.get_reprocess_display()]
        said += [f"not while {name} is closed" for name in row.calendars]
        return said


def lines(
    rows: Sequence[Backfill], titles: Mapping[str, str] | None = None
) -> list[BackfillLine]:
    """Back-fills with their runs; a schedule that is gone is told in words."""
    runs, known = counts(rows), titles or {}
    return [
        BackfillLine(
            row,
            known.get(row.schedule_identity) or in_words(row.schedule),
            runs[row.pk],
        )
        for row in rows
    ]
