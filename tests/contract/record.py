"""Records what the original servers answer, whole.

    python -m tests.contract.record [2|3] [--only TEXT]

`--only` plays the cases whose name holds TEXT and leaves the others as they are.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tests.contract.cases import CASES
from tests.contract.play import play
from tests.contract.store import load, save
from tests.golden.originals import VERSIONS, Original
from tests.golden.script import Case

Played = dict[str, dict[str, Any]]


def record(generation: int, cases: list[Case]) -> Played:
    """Start the original and play cases."""
    played = {}
    with tempfile.TemporaryDirectory(prefix="contract-") as home:
        original = Original(generation, Path(home))
        try:
            original.wait_healthy(within=600)
            for case in cases:
                answers = play(case, original, original.version)
                played[case.name] = {"script": case.digest(), "answers": answers}
        finally:
            original.close()
    return played


def main() -> int:
    """Record."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.record")
    parser.add_argument("generations", nargs="*", type=int, default=[2, 3])
    parser.add_argument("--only", default="")
    wanted = parser.parse_args()
    for generation in wanted.generations or sorted(VERSIONS):
        cases = [case for case in CASES if generation in case.generations]
        known = {case.name for case in cases}
        version = VERSIONS[generation]
        played = record(generation, [c for c in cases if wanted.only in c.name])
        before = {n: kept for n, kept in load(version).items() if n in known}
        print(f"{save(version, before | played)}: {len(played)} cases")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
