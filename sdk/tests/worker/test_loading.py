from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orion.exceptions import ScriptError
from orion.worker.loading import forget_server_tree, load_flow

SOURCE = """
from orion import flow

@flow
def report_sales(n: int = 1):
    return n

class Group:
    @flow
    def inner():
        pass

plain = 3
"""


@pytest.fixture(autouse=True)
def kept_imports(tmp_path: Path) -> Iterator[None]:
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "report.py").write_text(SOURCE)
    return tmp_path


def test_a_flow_is_found_in_a_file(folder: Path) -> None:
    assert load_flow("inside/report.py:report_sales", folder).name == "report-sales"
    assert load_flow("inside/report.py:Group.inner", folder).name == "inner"


def test_a_flow_is_found_in_a_module(folder: Path) -> None:
    assert load_flow("inside.report:report_sales", folder).name == "report-sales"


def test_a_file_finds_its_neighbours(folder: Path) -> None:
    (folder / "inside" / "neighbour.py").write_text("from orion import flow\n")
    (folder / "root_module.py").write_text("name = 'root'\n")
    (folder / "inside" / "report.py").write_text(
        "import neighbour, root_module\n"
        "from orion import flow\n"
        "@flow(name=root_module.name)\n"
        "def f(): pass\n"
    )

    assert load_flow("inside/report.py:f", folder).name == "root"


def test_a_users_flows_file_wins_over_a_package_of_that_name(
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = tmp_path_factory.mktemp("server")
    (server / "manage.py").touch()
    (server / "orion_site").mkdir()
    (server / "flows").mkdir()
    (server / "flows" / "__init__.py").write_text("raise RuntimeError('the server')")
    monkeypatch.syspath_prepend(str(server))
    monkeypatch.delitem(sys.modules, "flows", raising=False)
    (folder / "flows.py").write_text(SOURCE)
    (folder / "main.py").write_text("from flows import report_sales\n")

    forget_server_tree()

    assert load_flow("main.py:report_sales", folder).name == "report-sales"
    assert str(server) not in sys.path


def test_a_deployment_in_the_servers_folder_does_not_put_it_on_the_path(
    folder: Path,
) -> None:
    (folder / "manage.py").touch()
    (folder / "orion_site").mkdir()

    load_flow("inside/report.py:report_sales", folder)

    assert str(folder) not in sys.path
    assert sys.path[0] == str(folder / "inside")


@pytest.mark.parametrize(
    ("entrypoint", "said"),
    [
        ("report.py", "not of the form"),
        ("inside/report.py:", "not of the form"),
        ("../outside.py:f", "is outside of its folder"),
        ("/etc/passwd.py:f", "is outside of its folder"),
        ("inside/link.py:f", "is outside of its folder"),
        ("inside/missing.py:f", "There is no file inside/missing.py"),
        ("inside/report.py:missing", "found nothing"),
        ("inside/report.py:plain", "found int"),
        ("not.a.module:f", "There is no module not.a.module"),
    ],
)
def test_what_is_wrong_with_an_entrypoint_is_said(
    entrypoint: str, said: str, folder: Path
) -> None:
    (folder.parent / "outside.py").write_text(SOURCE)
    (folder / "inside" / "link.py").symlink_to(folder.parent / "outside.py")

    with pytest.raises(ScriptError, match=said):
        load_flow(entrypoint, folder)


def test_a_missing_import_of_the_users_module_is_the_users_error(folder: Path) -> None:
    (folder / "needy.py").write_text("import not_installed_here\n")

    with pytest.raises(ModuleNotFoundError, match="not_installed_here"):
        load_flow("needy:f", folder)
    with pytest.raises(ModuleNotFoundError, match="not_installed_here"):
        load_flow("needy.py:f", folder)
