"""House rules about Python files that no import graph and no type checker sees."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.support.sources import calls, modules, server_modules, strings, text, tree

STOP = 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "stuff"}
STATE_COLUMN = re.compile(r"^(state|state_id|state_type|state_name|state_timestamp)$")
STATE_SQL = re.compile(
    r"\bUPDATE\b[^;]*\bSET\b[^;]*\bstate_(?:id|type|name|timestamp)\b", re.I | re.S
)
WRITER = Path("runs/orchestration/writer.py")
READS_ENVIRONMENT = {  # everything else asks core.conf
    Path("core/conf.py"),
    Path("manage.py"),
    Path("do.py"),
    Path("orion_site/database.py"),
    Path("orion_site/asgi.py"),
    Path("ops/agents.py"),  # hands it on to the agent
}


def literal_names(node: ast.expr) -> set[str]:
    """The strings in a literal list, tuple or set."""
    return {
        child.value
        for child in ast.walk(node)
        if isinstance(child, ast.Constant) and isinstance(child.value, str)
    }


def is_fixed(node: ast.expr) -> bool:
    """Whether a value in an f-string cannot come from a request."""
    if isinstance(node, ast.Name):
        return node.id.lstrip("_").isupper()
    if isinstance(node, ast.Call):
        is_number = isinstance(node.func, ast.Name) and node.func.id == "int"
        return is_number or all(isinstance(arg, ast.Constant) for arg in node.args)
    return False


def is_assembled(node: ast.expr) -> bool:
    """Whether SQL is put together from anything but constants."""
    if isinstance(node, ast.JoinedStr):
        parts = (
            part.value for part in node.values if not isinstance(part, ast.Constant)
        )
        return not all(map(is_fixed, parts))
    return isinstance(node, ast.BinOp)


def changed_columns(name: str, call: ast.Call) -> set[str]:
    """Columns that an ORM call writes by name."""
    keywords = {k.arg: k.value for k in call.keywords if k.arg}
    if name in {"update", "aupdate"}:
        return set(keywords)
    if name in {"bulk_update", "abulk_update"}:
        fields = keywords.get("fields") or (
            call.args[1] if len(call.args) > 1 else None
        )
        return literal_names(fields) if fields else set()
    if name in {"save", "asave"} and "update_fields" in keywords:
        return literal_names(keywords["update_fields"])
    if name in {"bulk_create", "abulk_create"} and "update_fields" in keywords:
        return literal_names(keywords["update_fields"])
    return set()


def test_no_file_is_longer_than_the_stop():
    long = {str(path): text(path).count("\n") for path in modules()}

    assert {path: lines for path, lines in long.items() if lines > STOP} == {}


def test_no_module_is_a_drawer():
    names = {str(path) for path in modules() if {*path.parts[:-1], path.stem} & DRAWERS}

    assert names == set()


def test_every_module_says_what_lives_in_it():
    silent = [
        str(path)
        for path in modules()
        if "tests" not in path.parts
        and text(path).strip()
        and not ast.get_docstring(tree(path))
    ]

    assert silent == []


def test_only_the_writer_writes_state_columns_through_the_orm():
    found = [
        f"{path}:{call.lineno}"
        for path in server_modules()
        if path != WRITER
        for name, call in calls(path)
        if any(map(STATE_COLUMN.match, changed_columns(name, call)))
    ]

    assert found == []


def test_only_the_writer_writes_state_columns_in_sql():
    found = [
        f"{path}:{line}"
        for path in server_modules()
        if path != WRITER
        for line, string in strings(path)
        if STATE_SQL.search(string)
    ]

    assert found == []


def test_models_are_imported_not_looked_up():
    found = [
        f"{path}:{call.lineno}"
        for path in server_modules()
        for name, call in calls(path)
        if name == "get_model"
    ]

    assert found == []


def test_the_environment_is_read_in_one_place():
    found = [
        f"{path}:{node.lineno}"
        for path in server_modules()
        if path not in READS_ENVIRONMENT
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
    ]

    assert found == []


def test_sql_gets_its_values_as_parameters():
    """What `execute` is given is a constant, or made of constants."""
    found = [
        f"{path}:{call.lineno}"
        for path in server_modules()
        for name, call in calls(path)
        if name in {"execute", "executemany", "raw"}
        and call.args
        and is_assembled(call.args[0])
    ]

    assert found == []
