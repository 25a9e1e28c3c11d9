"""The agent's process: what it inherits, what it sees, when it ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from ops import agents
from ops.management.commands.run_agent import API_URL
from tests.support.server import ROOT

API = "http://127.0.0.1:4200/api"


@pytest.mark.parametrize(
    "name",
    [
        "ORION_DATABASE_URL",
        "ORION_SECRET_KEY",
        "ORION_SECRET_KEY_FILE",
        "ORION_ENCRYPTION_KEYS",
        "DJANGO_SETTINGS_MODULE",
    ],
)
def test_our_secrets_are_not_handed_on(monkeypatch, name):
    monkeypatch.setenv(name, "geheim")

    assert "geheim" not in agents.environment(API).values()


def test_an_agent_uses_the_server_it_was_told(monkeypatch):
    monkeypatch.delenv("ORION_API_URL", raising=False)
    assert agents.environment(API_URL)["ORION_API_URL"] == API

    monkeypatch.setenv("ORION_API_URL", "http://elsewhere/api")
    assert agents.environment(API_URL)["ORION_API_URL"] == "http://elsewhere/api"
    fixed = agents.environment(API_URL, ORION_API_URL=API)
    assert fixed["ORION_API_URL"] == API


def test_our_folder_is_taken_off_the_path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:/somewhere:")
    monkeypatch.chdir(ROOT)

    assert agents.environment(API)["PYTHONPATH"] == "/somewhere"


def on_leash(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", str(agents.LEASH), module, *arguments],
        cwd=agents.folder(),
        env=agents.environment(API),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_program_on_the_leash_does_not_see_our_code():
    process = on_leash("site")  # which prints sys.path

    said, _ = process.communicate(timeout=60)

    paths = [line.strip(" ',") for line in said.splitlines()]
    assert str(ROOT) not in paths
    assert str(ROOT / "ops") not in paths
    assert "" not in paths


def test_a_program_on_the_leash_ends_when_nobody_holds_it():
    process = on_leash("http.server", "0", "--bind", "127.0.0.1")
    assert process.stdin
    assert process.stdout

    assert "Serving HTTP" in process.stdout.readline()
    assert process.poll() is None
    process.stdin.close()

    assert process.wait(timeout=60) == -signal.SIGTERM
    process.stdout.close()
