"""The project's own source files, parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".venv", ".venvs", ".git", "node_modules", "vendor", "staticfiles", "build"}
NOT_SERVER = {"tests", "sdk", "examples", "docs", "bench", "deploy"}


@cache
def files(suffix: str) -> tuple[Path, ...]:
    """Every file of ours with this suffix, relative to the checkout."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob(f"*{suffix}"))
    return tuple(
        sorted(path for path in found if not NOT_OURS & set(path.parts)),
    )


@cache
def modules() -> tuple[Path, ...]:
    """Python modules, without migrations."""
    return tuple(path for path in files(".py") if "migrations" not in path.parts)


@cache
def server_modules() -> tuple[Path, ...]:
    """Modules of the server."""
    return tuple(path for path in modules() if path.parts[0] not in NOT_SERVER)


@cache
def text(path: Path) -> str:
    """A file's content."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a module with the last part of the name that is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name = node.func
            if isinstance(name, ast.Attribute):
                yield name.attr, node
            elif isinstance(name, ast.Name):
                yield name.id, node


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module with its line; of f-strings the fixed parts."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (p.value for p in node.values if isinstance(p, ast.Constant))
            yield node.lineno, " ".join(str(part) for part in parts)
