"""What tests of flows need: nothing at all, or an in-memory server."""

from __future__ import annotations

from orion.testing.harness import Harness, harness, offline

__all__ = ["Harness", "harness", "offline"]
