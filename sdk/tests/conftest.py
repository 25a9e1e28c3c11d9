"""Each test has its own home folder, no server, and nothing from the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orion import settings


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings are read anew, from an empty home folder."""
    for name in list(os.environ):
        if name.startswith(("ORION_API", "ORION_MODE", "ORION_FLOW", "PREFECT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ORION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ORION_DOTENV", "0")
    settings.reload()
    yield
    monkeypatch.undo()
    settings.reload()
