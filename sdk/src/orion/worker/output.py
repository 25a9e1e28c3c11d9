"""What a run's process prints: files it writes, lines the agent passes on.

Files, not pipes: a process that outlives its agent must be able to go on printing.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

KEPT_LINES = 50
LONGEST_LINE = 64 * 1024
CUT_AT = 16 * 1024 * 1024


class Stream:
    """One file that grows, read as far as it goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last: deque[str] = deque(maxlen=KEPT_LINES)
        self._position = 0
        self._partial = b""

    def open_for_child(self) -> BinaryIO:
        return self.path.open("ab")

    def read_lines(self, *, is_over: bool = False) -> list[str]:
        """The new whole lines; at the end also what lacks its line end."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._position)
                found = file.read()
        except FileNotFoundError:
            return []
        self._position += len(found)
        if self._position > CUT_AT:
            self._cut()
        *whole, self._partial = (self._partial + found).split(b"\n")
        if self._partial and (is_over or len(self._partial) > LONGEST_LINE):
            whole, self._partial = [*whole, self._partial], b""
        lines = [line.decode("utf-8", "replace").rstrip("\r") for line in whole]
        self.last.extend(lines)
        return lines

    def _cut(self) -> None:
        """Empty the file; the child appends, so it goes on from the start."""
        with self.path.open("r+b") as file:
            file.truncate(0)
        self._position = 0


class Output:
    """Both streams of one run, in a folder that goes when the run is settled."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.out, self.err = Stream(folder / "stdout"), Stream(folder / "stderr")

    def skip_to_end(self) -> None:
        """Take what is there as already passed on, by an earlier agent."""
        self.out.read_lines()
        self.err.read_lines()

    def forward(
        self, name: str, say: Callable[[str], object], *, is_over: bool = False
    ) -> None:
        """Pass new lines on, each with the run's name before it."""
        for stream in (self.out, self.err):
            for line in stream.read_lines(is_over=is_over):
                say(f"{name} | {line}")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
