"""What a function's source file tells: its version and its entrypoint."""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orion._functions import bare_function


def _file_of(fn: Callable[..., Any]) -> str | None:
    try:
        return inspect.getsourcefile(bare_function(fn))
    except TypeError:
        return None


def version_of(fn: Callable[..., Any]) -> str | None:
    """A short hash of the file, or nothing where there is no file."""
    file = _file_of(fn)
    return _hash_of(file) if file else None


@functools.cache
def _hash_of(file: str) -> str | None:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:32]
    except OSError:
        return None


def entrypoint_of(fn: Callable[..., Any]) -> str:
    """`file.py:name`, the file relative to the working folder if it is below."""
    file = _file_of(fn)
    bare = bare_function(fn)
    if file is None:
        return f"{bare.__module__}:{bare.__qualname__}"
    path = Path(file).resolve()
    here = Path.cwd().resolve()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return f"{shown}:{bare.__qualname__}"
