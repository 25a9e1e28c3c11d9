"""The SDK's own import test, run beside a real Prefect 3."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.peers import peer_python
from tests.support.server import ROOT


def test_importing_the_sdk_costs_a_twentieth_of_the_peer() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", ROOT / "sdk/tests/test_imports.py"],
        env=os.environ | {"ORION_PREFECT3_PYTHON": str(peer_python(3))},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
