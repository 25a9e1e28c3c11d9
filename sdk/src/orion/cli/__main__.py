"""`python -m orion.cli`, where the `orion` program is not on the path."""

from __future__ import annotations

from orion.cli import main

main()
