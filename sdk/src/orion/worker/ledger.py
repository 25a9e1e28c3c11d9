"""What this agent launched, on disk, so that the next agent of its name can go on."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orion.exceptions import OrionError

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Handle

_TABLE = """
CREATE TABLE IF NOT EXISTS launches (
    flow_run_id TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    pid         INTEGER,
    started     TEXT,
    boot_id     TEXT,
    tries       INTEGER NOT NULL,
    has_exited  INTEGER NOT NULL DEFAULT 0,
    exit_code   INTEGER,
    is_cancelled INTEGER NOT NULL DEFAULT 0
)
"""
_LATER = {  # columns that ledgers of earlier versions lack
    "token": "TEXT",
    "kind": "TEXT NOT NULL DEFAULT 'process'",
    "identifier": "TEXT",
}


class NameTaken(OrionError):
    """Another agent of this name is running on this machine."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One row: a claimed run, and the process that was started for it."""

    flow_run_id: str
    name: str
    tries: int
    pid: int | None = None
    started: str | None = None
    boot_id: str | None = None
    has_exited: bool = False
    exit_code: int | None = None
    is_cancelled: bool = False
    token: str | None = None
    kind: str = "process"
    identifier: str | None = None


class Ledger:
    """One file per agent name; holding it open keeps other agents off the name."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(
            folder / f"{name}.sqlite", timeout=0, isolation_level=None
        )
        try:
            # Exclusive mode keeps the file lock until this process is gone.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute(_TABLE)
            self._add_columns()
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._db.close()
            raise NameTaken(
                f"An agent named {name!r} is already running here: "
                "choose another with --name"
            ) from error

    def _add_columns(self) -> None:
        known = {row[1] for row in self._db.execute("PRAGMA table_info (launches)")}
        for name, kind in _LATER.items():
            if name not in known:
                self._db.execute(f"ALTER TABLE launches ADD COLUMN {name} {kind}")

    def claim(
        self, flow_run_id: str, name: str, *, tries: int, token: str | None = None
    ) -> None:
        """Written before the launch: from now on the run is this agent's to settle."""
        self._db.execute(
            "INSERT OR REPLACE INTO launches (flow_run_id, name, tries, token)"
            " VALUES (?, ?, ?, ?)",
            (flow_run_id, name, tries, token),
        )

    def launched(
        self, flow_run_id: str, handle: Handle, *, boot_id: str | None
    ) -> None:
        """Where the job runs: enough to find it again."""
        self._db.execute(
            "UPDATE launches SET pid = ?, started = ?, boot_id = ?, kind = ?,"
            " identifier = ? WHERE flow_run_id = ?",
            (
                handle.pid,
                handle.started,
                boot_id,
                handle.kind,
                handle.identifier,
                flow_run_id,
            ),
        )

    def exited(self, flow_run_id: str, code: int | None) -> None:
        self._db.execute(
            "UPDATE launches SET has_exited = 1, exit_code = ? WHERE flow_run_id = ?",
            (code, flow_run_id),
        )

    def cancelled(self, flow_run_id: str) -> None:
        self._db.execute(
            "UPDATE launches SET is_cancelled = 1 WHERE flow_run_id = ?",
            (flow_run_id,),
        )

    def settle(self, flow_run_id: str) -> None:
        """Nothing is left to do about this run."""
        self._db.execute("DELETE FROM launches WHERE flow_run_id = ?", (flow_run_id,))

    def open_launches(self) -> list[Launch]:
        rows = self._db.execute(
            "SELECT flow_run_id, name, tries, pid, started, boot_id, has_exited,"
            " exit_code, is_cancelled, token, kind, identifier"
            " FROM launches ORDER BY rowid"
        )
        return [
            Launch(
                flow_run_id=row[0],
                name=row[1],
                tries=row[2],
                pid=row[3],
                started=row[4],
                boot_id=row[5],
                has_exited=bool(row[6]),
                exit_code=row[7],
                is_cancelled=bool(row[8]),
                token=row[9],
                kind=row[10],
                identifier=row[11],
            )
            for row in rows
        ]

    def close(self) -> None:
        self._db.close()
