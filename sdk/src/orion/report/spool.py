"""Requests that could not be sent, kept on disk, one JSON line each."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Spool:
    """A folder of files; each process writes its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, records: Iterable[dict[str, Any]]) -> Path:
        """Append the records to this process's file; its path is the answer."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{time.strftime('%Y%m%d')}-{os.getpid()}.ndjson"
        with path.open("a", encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(record, default=str) + "\n")
        return path
