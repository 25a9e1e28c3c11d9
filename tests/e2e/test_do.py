"""What `do.py` says to a person who mistyped, or whose system lacks something."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.server import ROOT

WITHOUT_VENV = """
import importlib.util, runpy, sys
real = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "ensurepip" else real(name)
sys.argv = ["do.py", "up"]
runpy.run_path("do.py", run_name="__main__")
"""


def test_an_unknown_command_gets_the_usage():
    said = subprocess.run(
        [sys.executable, "do.py", "upp"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 2
    assert said.stdout.startswith("usage: python do.py COMMAND")


def test_a_system_without_venv_is_told_what_to_install(tmp_path: Path):
    for name in ("do.py", "requirements.txt", "sdk/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)

    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_VENV],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert said.returncode == 1
    assert f"apt install python{version}-venv" in said.stderr
    assert not (tmp_path / ".venv").exists()
