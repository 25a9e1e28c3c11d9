from __future__ import annotations

import platform
import sqlite3
from pathlib import Path

import pytest

from orion.worker.infrastructure.process import ProcessHandle
from orion.worker.ledger import Launch, Ledger, NameTaken


def test_a_launch_is_known_to_the_next_agent_of_the_name(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "a")
    ledger.claim("r1", "brave-fox", tries=1, token="t")
    ledger.launched("r1", ProcessHandle(17, "99"), boot_id="b")
    ledger.cancelled("r1")
    ledger.claim("r2", "calm-owl", tries=2)
    ledger.close()

    again = Ledger(tmp_path, "a")

    assert again.open_launches() == [
        Launch(
            "r1",
            "brave-fox",
            1,
            17,
            "99",
            "b",
            is_cancelled=True,
            token="t",
            identifier=f"{platform.node()}:17",
        ),
        Launch("r2", "calm-owl", 2),
    ]
    again.close()


def test_a_settled_run_is_forgotten(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "a")
    ledger.claim("r1", "brave-fox", tries=1)
    ledger.exited("r1", -9)

    assert ledger.open_launches() == [
        Launch("r1", "brave-fox", 1, has_exited=True, exit_code=-9)
    ]

    ledger.settle("r1")

    assert ledger.open_launches() == []
    ledger.close()


def test_a_name_belongs_to_one_agent_at_a_time(tmp_path: Path) -> None:
    first = Ledger(tmp_path, "a")

    with pytest.raises(NameTaken, match="choose another with --name"):
        Ledger(tmp_path, "a")
    Ledger(tmp_path, "b").close()
    first.close()

    Ledger(tmp_path, "a").close()


def test_a_ledger_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    columns = "flow_run_id TEXT PRIMARY KEY, name TEXT, pid INTEGER, started TEXT"
    more = "boot_id TEXT, tries INTEGER, has_exited INTEGER, exit_code INTEGER"
    old = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    old.execute(f"CREATE TABLE launches ({columns}, {more}, is_cancelled INTEGER)")
    row = ("r1", "brave-fox", 17, "99", "b", 1, 0, None, 0)
    old.execute("INSERT INTO launches VALUES (?,?,?,?,?,?,?,?,?)", row)
    old.close()

    ledger = Ledger(tmp_path, "a")

    assert ledger.open_launches() == [Launch("r1", "brave-fox", 1, 17, "99", "b")]
    ledger.close()
