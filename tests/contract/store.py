"""The recordings on disk: one file per original."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.golden import store

DATA = Path(__file__).with_name("data")
Recorded = dict[str, dict[str, Any]]


def save(version: str, recorded: Recorded) -> Path:
    """Write all cases of one original."""
    return store.save(version, recorded, DATA)


def load(version: str) -> Recorded:
    """All cases of one original by name."""
    return store.load(version, DATA)
