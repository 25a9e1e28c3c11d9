from __future__ import annotations

import subprocess
import sys

import pytest

from orion.cli import table
from orion.exceptions import (
    ApiUnreachable,
    HTTPStatusError,
    ObjectAlreadyExists,
    ObjectNotFound,
    OrionError,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OrionError("x"), 1),
        (ObjectNotFound("x"), 3),
        (HTTPStatusError("x", status=404), 3),
        (ObjectAlreadyExists("x"), 4),
        (HTTPStatusError("x", status=409), 4),
        (HTTPStatusError("x", status=500), 1),
        (ApiUnreachable("x"), 69),
        (HTTPStatusError("x", status=401), 77),
        (HTTPStatusError("x", status=403), 77),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: OrionError, code: int) -> None:
    assert table.code_of(error) == code


def test_every_command_of_the_table_is_there_with_the_help_it_promises(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in table.COMMANDS:
        assert table.run([name, "--help"]) == 0

    assert capsys.readouterr().out.count("Usage: orion ") == len(table.COMMANDS)


def test_an_unknown_command_gets_the_closest_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert table.run(["flow-runs"]) == 2

    assert "Did you mean 'flow-run'?" in capsys.readouterr().err


def test_help_loads_no_command_and_no_http() -> None:
    program = (
        "import sys; from orion.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m in ('httpx', 'rich', 'pydantic')"
        " or m.startswith('orion.cli.') and m != 'orion.cli.table'])"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "Commands:" in told.stdout
    assert told.stdout.splitlines()[-1] == "[]"


def test_the_program_ends_with_the_code_of_its_command() -> None:
    url = "http://127.0.0.1:1/api"
    arguments = ["--api-url", url, "flow-run", "inspect", "brave-fox"]
    told = subprocess.run(
        [sys.executable, "-m", "orion.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"ORION_API_RETRIES": "1", "PATH": ""},
    )

    assert told.returncode == 69
    assert told.stdout == ""
    assert told.stderr.startswith("orion: The API at http://127.0.0.1:1/api did not")
    assert len(told.stderr.splitlines()) == 1
