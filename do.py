"""The commands: `python do.py up` and `python do.py test`. Needs only Python."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = str(BIN / "python")
UV = "uv==0.13.9"
TOOL = (PYTHON, "-m")
USAGE = """usage: python do.py COMMAND [options]

  up      install, then start everything with an example deployment; options
          go to `manage.py start` (--host, --port, --no-services, --no-agent)
  test    run every test on SQLite, and what uses a database on PostgreSQL,
          side by side; --long: the full numbers; other options go to pytest
  fmt     format the code            lint    style, imports, migrations
  type    check the types            wire    check the OpenAPI document
  bench   measure against the targets in bench/; options go to the harness
"""
STEPS: dict[str, list[tuple[str, ...]]] = {
    "fmt": [(*TOOL, "ruff", "check", "--fix-only", "-q"), (*TOOL, "ruff", "format")],
    "lint": [
        (*TOOL, "ruff", "check"),
        (*TOOL, "ruff", "format", "--check"),
        (str(BIN / "lint-imports"),),
        (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
    ],
    "type": [(*TOOL, "mypy")],
    "wire": [(PYTHON, "manage.py", "spectacular", "--validate", "--file", os.devnull)],
}


def run(*command: str, **environment: str) -> int:
    """Run a command in the checkout and hand back its exit status."""
    env = os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def make_venv() -> None:
    """Create the virtual environment, or say what the system lacks."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            "This Python cannot make virtual environments. On Debian or Ubuntu run\n"
            f"  apt install python{version}-venv\nand start this command again."
        )
    print("Making .venv ...", flush=True)
    run(sys.executable, "-m", "venv", str(VENV)) and sys.exit(1)


def install(lock: str) -> None:
    """Bring .venv to the state of a lock file; nothing happens when it is there."""
    files = (ROOT / lock, ROOT / "sdk/pyproject.toml")
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()
    stamp = VENV / f".{lock}.{digest[:16]}"
    if stamp.exists():
        return
    if not any(BIN.glob("pip*")):
        make_venv()
    print(f"Installing {lock} ...", flush=True)
    pip = (*TOOL, "pip", "install", "--quiet", "--disable-pip-version-check")
    uv = (*TOOL, "uv", "pip", "install", "--quiet", "--python", PYTHON)
    steps = (("--require-hashes", "-r", lock), ("--no-deps", "-e", "./sdk"))
    if run(*pip, UV) or any(run(*uv, *step) for step in steps):
        print("uv does not work here; pip takes over, more slowly.", flush=True)
        any(run(*pip, *step) for step in steps) and sys.exit(1)
    for old in VENV.glob(f".{lock}.*"):
        old.unlink()
    stamp.touch()


def up(options: list[str]) -> int:
    """Start the server, its loops, one agent and the example."""
    install("requirements.txt")
    command = [PYTHON, str(ROOT / "manage.py"), "up", *options]
    if not WINDOWS:  # which has no exec; its console hands Ctrl-C to both
        os.execv(PYTHON, command)
    return run(*command)


def test(options: list[str]) -> int:
    """Run the suite on both databases at once; the worse result counts."""
    install("requirements-dev.txt")
    pytest = (*TOOL, "pytest", *options)
    with tempfile.TemporaryFile() as told:
        command = (*pytest, "--db=postgres")
        beside = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=told)
        status = max(run(*pytest, "--db=sqlite"), beside.wait())
        told.seek(0)
        shutil.copyfileobj(told, sys.stdout.buffer)
    return status


def bench(options: list[str]) -> int:
    """Hand the project's targets to an installed benchmark harness (module `bench`)."""
    install("requirements.txt")
    targets = [f"-t{file.stem}={file}" for file in (ROOT / "bench").glob("*.toml")]
    command = (sys.executable, "-m", "bench", "run", *sorted(targets), *options)
    return run(*command, ORION_DIR=str(ROOT), ORION_PYTHON=PYTHON)


def main(command: str = "help", *options: str) -> int:
    """Dispatch to one of the commands of the usage text."""
    os.environ |= {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true"}
    if special := {"up": up, "test": test, "bench": bench}.get(command):
        return special(list(options))
    if command not in STEPS:
        print(USAGE)
        return 0 if command in {"help", "-h", "--help"} else 2
    install("requirements-dev.txt")
    return max([run(*step, *options) for step in STEPS[command]])


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(f"Orion needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    sys.exit(main(*sys.argv[1:]))
