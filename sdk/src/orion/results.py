"""Where values are kept between runs: files below the home folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orion.exceptions import SerializationError
from orion.settings import settings


class Record:
    """A stored value and what is known about it."""

    __slots__ = ("header", "value")

    def __init__(self, value: Any, header: dict[str, Any]) -> None:
        self.value, self.header = value, header


class LocalStorage:
    """One file for each key: a line of JSON, then the pickled value."""

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path is not None else settings().home / "storage"

    def read(self, key: str, now: datetime | None = None) -> Record | None:
        """The record, or None if there is none or it has expired."""
        try:
            first, _, payload = self._file(key).read_bytes().partition(b"\n")
        except OSError:
            return None
        try:
            header = json.loads(first)
            expires = header.get("expires")
            if expires and datetime.fromisoformat(expires) <= (now or _now()):
                return None
            return Record(pickle.loads(payload), header)  # noqa: S301 - we wrote it
        except Exception as error:
            raise SerializationError(
                f"The stored result {key} cannot be read: {error}"
            ) from error

    def write(
        self, key: str, value: Any, *, expires: datetime | None = None
    ) -> dict[str, Any]:
        """Store the value; whoever reads meanwhile sees the old file or the new one."""
        payload = _pickled(value)
        header = {
            "key": key,
            "serializer": "pickle",
            "python": platform.python_version(),
            "created": _now().isoformat(),
            "expires": expires.isoformat() if expires else None,
            "size": len(payload),
            "type": type(value).__qualname__,
        }
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + payload)
            Path(name).replace(self._file(key))
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        return header

    def exists(self, key: str) -> bool:
        """True if something is stored, expired or not."""
        return self._file(key).exists()

    def delete(self, key: str) -> None:
        """Forget the value."""
        self._file(key).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        """Keys may hold anything; file names may not."""
        return self.path / hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _pickled(value: Any) -> bytes:
    try:
        return pickle.dumps(value, protocol=5)
    except Exception:
        import cloudpickle

    try:
        found: bytes = cloudpickle.dumps(value, protocol=5)
    except Exception as error:
        raise SerializationError(
            f"A result of type {type(value).__name__} cannot be stored: {error}"
        ) from error
    return found


def _now() -> datetime:
    return datetime.now(UTC)
