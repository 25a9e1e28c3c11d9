"""Recordings on disk: one file per original, one line per step, sorted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")


def save(
    version: str, recorded: dict[str, dict[str, Any]], folder: Path = DATA
) -> Path:
    """Write all cases of one original."""
    lines = []
    for name in sorted(recorded):
        answers = recorded[name]["answers"]
        steps = ",\n".join(
            "  " + json.dumps(answer, sort_keys=True, separators=(",", ":"))
            for answer in answers
        )
        head = f'{json.dumps(name)}: {{"script": "{recorded[name]["script"]}",'
        lines.append(f'{head} "answers": [\n{steps}\n]}}')
    path = folder / f"{version}.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return path


def load(version: str, folder: Path = DATA) -> dict[str, dict[str, Any]]:
    """All cases of one original by name."""
    path = folder / f"{version}.json"
    found: dict[str, dict[str, Any]]
    found = json.loads(path.read_text()) if path.exists() else {}
    return found
