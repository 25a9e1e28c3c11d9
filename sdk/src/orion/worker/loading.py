"""From an entrypoint, `path/file.py:flow` or `package.module:flow`, to the flow."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from orion.exceptions import ScriptError
from orion.worker.environment import is_server_tree

if TYPE_CHECKING:
    from orion.flows import Flow


LONGEST_ENTRYPOINT = 4096


def load_flow(entrypoint: str, folder: Path) -> Flow[..., Any]:
    """Import the flow; files are looked up in the folder and never outside of it."""
    from orion.flows import Flow

    source, _, attribute = entrypoint.rpartition(":")
    if not source or not attribute:
        raise ScriptError(
            f"The entrypoint {entrypoint!r} is not of the form "
            "path/file.py:flow or package.module:flow"
        )
    if "\0" in entrypoint or len(entrypoint) > LONGEST_ENTRYPOINT:
        raise ScriptError(f"The entrypoint {entrypoint[:80]!r}… names no file")
    folder = folder.resolve()
    if source.endswith(".py") or "/" in source or "\\" in source:
        module = _from_file(source, folder)
    else:
        module = _from_module(source, folder)
    found: Any = module
    for name in attribute.split("."):
        found = getattr(found, name, None)
    if not isinstance(found, Flow):
        what = "nothing" if found is None else type(found).__name__
        raise ScriptError(
            f"{attribute!r} in {source} should be a function decorated with @flow; "
            f"found {what}"
        )
    return found


def forget_server_tree() -> None:
    """Take the server's folder off the search path: its `flows` is not the user's."""
    sys.path[:] = [entry for entry in sys.path if not is_server_tree(entry)]


def _from_file(source: str, folder: Path) -> ModuleType:
    try:
        file = (folder / source).resolve()
        is_there = file.is_relative_to(folder) and file.is_file()
    except (OSError, RuntimeError) as error:  # a name too long, a circle of links
        raise ScriptError(
            f"The entrypoint {source[:200]} cannot be read: {error}"
        ) from None
    if not file.is_relative_to(folder):
        raise ScriptError(f"The entrypoint {source} is outside of its folder {folder}")
    if not is_there:
        raise ScriptError(f"There is no file {source} in {folder}")
    _search(folder)
    _search(file.parent)
    name = file.stem if file.stem not in sys.modules else f"orion_flow_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ScriptError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _from_module(source: str, folder: Path) -> ModuleType:
    if not all(part.isidentifier() for part in source.split(".")):
        raise ScriptError(f"{source!r} is neither a file's nor a module's name")
    _search(folder)
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{source}.".startswith(f"{error.name}."):
            raise
        raise ScriptError(f"There is no module {source} in {folder}") from error


def _search(folder: Path) -> None:
    """Put the folder first on the search path, unless it is the server's."""
    entry = str(folder)
    if is_server_tree(entry):
        return
    if entry in sys.path:
        sys.path.remove(entry)
    sys.path.insert(0, entry)
