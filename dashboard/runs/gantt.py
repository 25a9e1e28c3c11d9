"""The run page's timeline: task runs and children as rows of the chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard.base.times import duration, ticks
from dashboard.charts.svg import Span
from dashboard.charts.timeline import Row, Segment, timeline
from dashboard.looks import look, word
from dashboard.runs.detail import RunDetail
from runs.attempts import Stretch, stretches
from runs.models import TaskRun
from runs.states import ACTIVE, PROBLEM, StateType

TOGETHER = 6  # more runs of one task than this share a row
TIMES = "\N{MULTIPLICATION SIGN}"
ROWS = 60  # rows drawn at once; the rest is in the task list


class Gantt:
    """The chart, and what it leaves out."""

    def __init__(self, detail: RunDetail, zone: ZoneInfo) -> None:
        self.detail = detail
        self.zone = zone
        self.now = detail.now
        self.band = stretches(detail.states, detail.now)
        rows = self._rows()
        self.left_out = max(0, len(rows) - ROWS)
        self.rows = rows[:ROWS]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened yet."""
        return not self.band or not any(part.is_attempt for part in self.band)

    @property
    def chart(self) -> SafeString:
        """The SVG."""
        span = self._span()
        live = self.detail.is_live
        return timeline(
            self.rows,
            list(self._states()),
            span=span,
            ticks=ticks(span, self.zone, most=6),
            now=self.now if live else None,
            summary=f"Timeline of {self.detail.task_total} task runs",
        )

    def _states(self) -> Iterator[Segment]:
        """The run's own states along the bottom; its end is a tick."""
        states = self.detail.states
        for n, state in enumerate(states):
            if state.timestamp >= self.band[0].start:
                last = n + 1 == len(states)
                end = self.now if last else states[n + 1].timestamp
                if last and self.detail.run.is_final:
                    end = state.timestamp
                yield Segment(look(state.type, state.name).kind, state.timestamp, end)

    def _span(self) -> Span:
        start = min(part.start for part in self.band)
        ends = [part.end for part in self.band]
        ends += [part.end for row in self.rows for part in row.segments]
        end = max(ends)
        room = max((end - start) / 50, timedelta(milliseconds=20))
        return Span(start, end + room)

    def _rows(self) -> list[Row]:
        rows: list[tuple[datetime, Row]] = []
        key = _task_key
        for _, found in groupby(sorted(self.detail.tasks, key=key), key=key):
            members = list(found)
            failed = [task for task in members if task.state_type in PROBLEM]
            if len(members) <= TOGETHER:
                rows += self._single(members)
            else:
                rows += self._single(failed[:TOGETHER])
                rows += self._stack(members)
        rows.sort(key=lambda pair: (pair[0], pair[1].label))
        return [row for _, row in rows]

    def _single(self, tasks: Iterable[TaskRun]) -> list[tuple[datetime, Row]]:
        found = []
        for task in tasks:
            parts = self._parts(task)
            if parts:
                found.append((parts[0].start, self._row(task, parts)))
        return found

    def _parts(self, task: TaskRun) -> list[Stretch]:
        states = self.detail.task_states.get(task.pk, [])
        return stretches(states, self.now)

    def _row(self, task: TaskRun, parts: Sequence[Stretch]) -> Row:
        said = word(task.state_type, task.state_name)
        tries = sum(part.is_attempt for part in parts)
        took = duration(sum(part.seconds for part in parts if part.is_attempt))
        more = f" in {tries} attempts" if tries > 1 else ""
        return Row(
            str(task.pk),
            _label(task),
            f"{task.name}: {said} after {took}{more}",
            f"{reverse('dashboard:run', args=[self.detail.run.pk])}?task={task.pk}",
            [_segment(part) for part in parts],
        )

    def _stack(self, tasks: Sequence[TaskRun]) -> list[tuple[datetime, Row]]:
        parts = [part for task in tasks for part in self._parts(task)]
        if not parts:
            return []
        start, end = min(p.start for p in parts), max(p.end for p in parts)
        types = {task.state_type for task in tasks}
        shown = _worst(types)
        name = tasks[0].name.rsplit("-", 1)[0]
        took = duration((end - start).total_seconds())
        failed = sum(task.state_type in PROBLEM for task in tasks)
        more = f", {failed} failed" if failed else ""
        row = Row(
            str(tasks[0].pk),
            f"{name} {TIMES} {len(tasks):,}",
            f"{name}: {len(tasks):,} task runs in {took}{more}",
            f"{reverse('dashboard:run-tab', args=[self.detail.run.pk, 'tasks'])}",
            [Segment(look(shown, None).kind, start, end, took)],
        )
        return [(start, row)]


def _label(task: TaskRun) -> str:
    """The name without the number that clients put behind the first call of a task."""
    name: str = task.name
    return name.removesuffix("-0") if task.dynamic_key == "0" else name


def _task_key(task: TaskRun) -> str:
    key: str = task.task_key
    return key


def _worst(types: set[str | None]) -> str:
    for wanted in (*PROBLEM, *ACTIVE):
        if wanted in types:
            return wanted
    return StateType.COMPLETED if StateType.COMPLETED in types else StateType.SCHEDULED


def _segment(part: Stretch) -> Segment:
    shown = look(part.type, part.name)
    sign = "✕ " if shown.kind == "failed" else ""
    return Segment(
        shown.kind,
        part.start,
        part.end,
        f"{sign}{duration(part.seconds)}" if part.is_attempt else "",
        waits=not part.is_attempt,
    )
