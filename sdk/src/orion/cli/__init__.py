"""The command line: `orion <noun> <verb>`; each command is loaded when it is used."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and end the process with its exit code."""
    from orion.cli.table import run

    code = run(list(sys.argv[1:] if arguments is None else arguments))
    if arguments is None:
        sys.exit(code)
    return code
