"""What a machine lacks: skipped with a reason here, a failure where it is required."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(what: str, why: str) -> NoReturn:
    """Skip, or fail when `ORION_TEST_REQUIRE` (by comma) names it, as CI does."""
    if what in os.environ.get("ORION_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here: {why}", pytrace=False)
    pytest.skip(f"no {what}: {why}")
