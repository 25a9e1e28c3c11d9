"""Users' code is checked as strictly as ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

PROMISES = Path(__file__).parent / "typing" / "promises.py"
SOURCES = Path(__file__).parents[1] / "src"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the libraries is worked out once."""
    return tmp_path_factory.mktemp("mypy")


def checked(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MYPYPATH", str(SOURCES))
    out, err, _ = api.run(
        ["--strict", "--config-file=", f"--cache-dir={cache}", str(file)]
    )
    return out + err


def test_the_promised_types_hold(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Success" in checked(PROMISES, cache, monkeypatch)


def test_a_wrong_argument_is_one_error(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from orion import task\n"
        "@task\n"
        "def n(x: int) -> str: return str(x)\n"
        'n("x")\n'
        'n.submit("x")\n'
        "text: int = n(1)\n"
    )

    told = checked(wrong, cache, monkeypatch)

    lines = [line for line in told.splitlines() if ": error:" in line]
    assert [line.split(":")[1] for line in lines] == ["4", "5", "6"]
