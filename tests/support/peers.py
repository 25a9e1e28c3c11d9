"""Unmodified Prefect clients, each in a virtual environment of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.support.lacking import lacking
from tests.support.server import ROOT, clean_environment

LOCKS = {
    2: ROOT / "tests" / "clients" / "prefect2.txt",
    3: ROOT / "tests" / "clients" / "prefect3.txt",
}


def peer_python(generation: int) -> Path:
    """The interpreter of the client's environment, made on first use.

    `ORION_TEST_PREFECT2` and `ORION_TEST_PREFECT3` name environments that exist.
    """
    if given := os.environ.get(f"ORION_TEST_PREFECT{generation}"):
        return Path(given) / "bin" / "python"
    lock = LOCKS[generation]
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    venv = ROOT / ".venvs" / f"prefect{generation}"
    stamp = venv / f".{digest}"
    venv.parent.mkdir(exist_ok=True)
    with (venv.parent / f"prefect{generation}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # the other database's tests want it, too
        if not stamp.exists():
            _make(venv, lock, generation)
            stamp.touch()
    return venv / "bin" / "python"


def _make(venv: Path, lock: Path, generation: int) -> None:
    pip = [sys.executable, "-m", "uv", "pip", "install", "-q"]
    pip += ["--python", venv / "bin" / "python"]
    steps = ([sys.executable, "-m", "venv", "--clear", venv],)
    steps += ([*pip, "--no-deps", "--require-hashes", "-r", lock],)
    for step in steps:
        made = subprocess.run(step, capture_output=True, text=True, check=False)
        if made.returncode:
            lacking(f"prefect{generation}", made.stderr.strip()[-500:])


def peer_environment(api_url: str, home: Path) -> dict[str, str]:
    """Only the API's address is set; its home folder keeps results apart."""
    return clean_environment() | {"PREFECT_API_URL": api_url, "HOME": str(home)}
