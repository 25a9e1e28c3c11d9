"""The command line against an API that answers from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sdk.tests.client.fake import FakeServer

from orion import settings
from orion.cli import table

Orion = Callable[..., tuple[int, str, str]]
FLOW = """
from orion import flow

@flow
def report_sales(day: str, regions: int = 1):
    \"\"\"Sales of a day.\"\"\"
    if regions > 1:
        raise ValueError("too many regions")
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    server = FakeServer(folder=str(tmp_path), entrypoint="report.py:report_sales")
    (tmp_path / "report.py").write_text(FLOW)
    with server:
        yield server


@pytest.fixture
def orion(
    server: FakeServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Orion]:
    """Run one command: its exit code, what it printed, what it said on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ORION_API_URL", server.url)
    settings.reload()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = table.run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    yield run
    monkeypatch.undo()
    settings.reload()
