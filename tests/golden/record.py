"""Records the original servers, or checks recordings against them.

    python -m tests.golden.record [2|3] [--check] [--only TEXT]

`--only` plays the cases whose name holds TEXT and leaves the others as they are.
The environments of the originals are made on first use, or named by
ORION_TEST_PREFECT2 and ORION_TEST_PREFECT3.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tests.golden.cases import CASES
from tests.golden.originals import VERSIONS, Original
from tests.golden.replay import Play
from tests.golden.script import Case
from tests.golden.store import load, save

Played = dict[str, dict[str, Any]]


def play(generation: int, cases: list[Case]) -> Played:
    """Start the original and play cases."""
    played = {}
    with tempfile.TemporaryDirectory(prefix="golden-") as home:
        original = Original(generation, Path(home))
        try:
            original.wait_healthy()
            for case in cases:
                answers = Play(case, original, original.version).run()
                played[case.name] = {"script": case.digest(), "answers": answers}
        finally:
            original.close()
    return played


def check(version: str, played: Played) -> int:
    """Print what differs from the recording; how many cases do."""
    recorded = load(version)
    different = [name for name in played if recorded.get(name) != played[name]]
    for name in different:
        print(f"{version} {name}\n  {recorded.get(name)}\n  {played[name]}")
    print(f"{version}: {len(played)} cases played, {len(different)} differ")
    return len(different)


def keep(version: str, played: Played, cases: list[Case]) -> None:
    """Write what was played, and what was recorded before of the other cases."""
    known = {case.name for case in cases}
    before = {n: kept for n, kept in load(version).items() if n in known}
    print(f"{save(version, before | played)}: {len(played)} cases")


def main() -> int:
    """Record, or with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.record")
    parser.add_argument("generations", nargs="*", type=int, default=[2, 3])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", default="")
    wanted = parser.parse_args()
    different = 0
    for generation in wanted.generations or sorted(VERSIONS):
        cases = [case for case in CASES if generation in case.generations]
        chosen = [case for case in cases if wanted.only in case.name]
        played = play(generation, chosen)
        if wanted.check:
            different += check(VERSIONS[generation], played)
        else:
            keep(VERSIONS[generation], played, cases)
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
