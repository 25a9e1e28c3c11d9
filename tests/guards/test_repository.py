"""The lock files, the ignore file and the tools' settings keep their promises."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.sources import ROOT, modules, text


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_file_names_no_registry_and_hashes_everything(lock: str):
    content = text(Path(lock))
    pins = re.findall(r"^[a-z0-9][^ ]*==", content, re.M)
    hashed = re.findall(r"^[a-z0-9][^\n]*\\\n\s+--hash=sha256:", content, re.M)

    assert re.findall(r"https?://|--(?:extra-)?index|find-links", content) == []
    assert len(pins) == len(hashed) > 20


def test_both_lock_files_agree():
    pin = re.compile(r"^([a-z0-9][^ ]*==[^ ]+)", re.M)
    runtime = set(pin.findall(text(Path("requirements.txt"))))

    assert runtime <= set(pin.findall(text(Path("requirements-dev.txt"))))


@pytest.mark.parametrize("path", ["logs/models.py", "logs/migrations/0001_initial.py"])
def test_the_logs_app_is_not_ignored(path: str):
    asked = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)

    assert asked.returncode == 1


def test_do_py_stays_a_page():
    assert text(Path("do.py")).count("\n") <= 130


def test_every_package_is_under_contract():
    """A new top-level package has to be named to the import contracts and to mypy."""
    settings = tomllib.loads(text(Path("pyproject.toml")))["tool"]
    packages = {
        path.parent.name
        for path in ROOT.glob("*/__init__.py")
        if path.parent.name != "tests"
    }

    assert packages | {"orion"} == set(settings["importlinter"]["root_packages"])
    assert packages <= set(settings["mypy"]["files"])


IMPORTED_AS = {
    "django": "django",
    "djangorestframework": "rest_framework",
    "django-filter": "django_filters",
    "drf-spectacular": "drf_spectacular",
    "psycopg": "psycopg",
    "python-dateutil": "dateutil",
    "django-htmx": "django_htmx",
    "django-csp": "csp",
    "pydantic-settings": "pydantic_settings",
}
NOBODY_IMPORTS = {
    "psycopg",  # Django's PostgreSQL backend does
    "autobahn",  # daphne does; pinned for macOS only
    "httptools",  # uvicorn does, and so does
    "websockets",
    "tzdata",  # zoneinfo reads it on Windows
}


def wanted(file: str) -> list[str]:
    """The packages that a requirements file asks for."""
    lines = text(Path(file)).splitlines()
    names = (re.match(r"[A-Za-z0-9-]+", line) for line in lines if line[:1].isalnum())
    return [name.group(0).lower() for name in names if name]


@pytest.mark.parametrize("package", wanted("requirements.in"))
def test_a_required_package_is_imported(package: str):
    module = re.escape(IMPORTED_AS.get(package, package.replace("-", "_")))
    used = re.compile(rf"^\s*(?:from|import) {module}\b|^\s*\"{module}[.\"]", re.M)
    ours = [path for path in modules() if "tests" not in path.parts]

    assert package in NOBODY_IMPORTS or any(used.search(text(path)) for path in ours)
