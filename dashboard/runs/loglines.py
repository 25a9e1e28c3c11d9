"""The log tab: a window of lines with their numbers, levels and tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import QueryDict

from core.errors import Invalid
from dashboard.runs.detail import RunDetail
from logs.numbered import NumberedLine, Wanted, count, window
from runs.states import PROBLEM

SIZE = 500
LEVELS = (
    ("0", "All levels"),
    ("10", "Debug and above"),
    ("20", "Info and above"),
    ("30", "Warning and above"),
    ("40", "Error and above"),
    ("50", "Critical"),
)
NAMES = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}
ERROR = 40


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line as shown."""

    line: NumberedLine
    task: str

    @property
    def band(self) -> int:
        """The level, rounded down to one that has a name and a look."""
        return min(50, max(10, self.line.level // 10 * 10))

    @property
    def level(self) -> str:
        """The level's name."""
        return NAMES[self.band]


class LogLines:
    """What the log tab shows for an address."""

    def __init__(self, detail: RunDetail, asked: QueryDict) -> None:
        self.detail = detail
        self.asked = asked
        self.level = _whole(asked, "level", 20)
        self.wanted = Wanted(
            detail.run.pk, self.level, asked.get("lines", ""), _task(asked)
        )
        self.total = detail.log_total
        self.start = self._start()
        taken = window(self.wanted, actor=detail.actor, start=self.start, size=SIZE + 1)
        self.has_later = len(taken) > SIZE
        names: dict[UUID | None, str] = {t.pk: t.name for t in detail.tasks}
        self.lines = [
            ShownLine(line, names.get(line.task_run_id, "")) for line in taken[:SIZE]
        ]

    @property
    def levels(self) -> list[tuple[str, str, bool]]:
        """The choices of the level filter."""
        return [(value, text, int(value) == self.level) for value, text in LEVELS]

    @property
    def earlier(self) -> int:
        """Where the window before this one begins; 0 when there is none."""
        return max(1, self.start + 1 - SIZE) if self.start else 0

    @property
    def later(self) -> int:
        """Where the window after this one begins; 0 when there is none."""
        return self.start + SIZE + 1 if self.has_later else 0

    @property
    def hidden(self) -> int:
        """How many lines the filter hides, when it hides all of them."""
        return 0 if self.lines else self.total

    def _start(self) -> int:
        """Asked for; or the end of a live run; or around a failure's first error."""
        asked = _whole(self.asked, "line", 0)
        if asked or self.total <= SIZE:
            return max(0, asked - 1)
        if self.detail.is_live:
            return max(0, count(self.wanted, actor=self.detail.actor) - SIZE)
        if self.detail.run.state_type in PROBLEM and not self.wanted.text:
            errors = replace(self.wanted, level=max(ERROR, self.level))
            found = window(errors, actor=self.detail.actor, start=0, size=1)
            return max(0, found[0].number - 1 - SIZE // 2) if found else 0
        return 0


def _whole(asked: QueryDict, name: str, default: int) -> int:
    text = asked.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(f"{name}={text!r} is no number; write for instance {name}=40.")
    return int(text)


def _task(asked: QueryDict) -> UUID | None:
    text = asked.get("task", "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(f"task={text!r} is no id of a task run.") from error
