from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import fsspec
import pytest

from orion.exceptions import ScriptError
from orion.worker import fetching
from orion.worker.loading import load_flow
from orion.worker.pulling import RUN_FOLDER, PullError, pull

FLOW = "from orion import flow\n\n@flow\ndef f():\n    return {value!r}\n"
WAYS_OUT = [
    "../secret.py",
    "../../etc/passwd",
    "a/../../secret.py",
    "a/b/../../../secret.py",
    "./../secret.py",
    "..",
    "../",
    "/etc/passwd",
    "//etc/passwd",
    "///etc/passwd",
    "/../etc/passwd",
    "..\\secret.py",
    "a\\..\\..\\secret.py",
    "..\\..\\..\\windows\\win.ini",
    "C:\\secret.py",
    "c:/secret.py",
    "C:secret.py",
    "\\\\host\\share\\secret.py",
    "//host/share/secret.py",
    "\\\\?\\C:\\secret.py",
    "file:///etc/passwd",
    "a.py\0../secret.py",
    "\0",
    "a/./../../secret.py",
    "..//..//secret.py",
    "a/../..",
    "../" * 40 + "etc/passwd",
    "link/secret.py",
    "link/../secret.py",
    "circle/x.py",
]


def git(folder: Path, *words: str) -> str:
    name = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    command = ["git", *name, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits on main, one branch, one tag."""
    folder = tmp_path / "repo.git"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "flows").mkdir()
    for value in ("first", "second"):
        (folder / "flows" / "x.py").write_text(FLOW.format(value=value))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", value)
    git(folder, "tag", "v1", "HEAD~1")
    git(folder, "branch", "stable", "HEAD~1")
    return folder


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv(RUN_FOLDER, str(folder))
    return folder


@pytest.fixture
def walled(tmp_path: Path) -> Path:
    """A folder with links out of it and in a circle, and a secret beside it."""
    folder = tmp_path / "walled"
    (folder / "a" / "b").mkdir(parents=True)
    (tmp_path / "secret.py").write_text(FLOW.format(value="secret"))
    (folder / "link").symlink_to(tmp_path)
    (folder / "linked.py").symlink_to(tmp_path / "secret.py")
    (folder / "circle").symlink_to(folder / "circle")
    return folder


def steps(*given: dict[str, Any]) -> dict[str, Any]:
    return {"pull_steps": list(given), "path": None}


def value_of(folder: Path) -> Any:
    return load_flow("flows/x.py:f", folder).fn()


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({}, "second"),
        ({"branch": "stable"}, "first"),
        ({"tag": "v1"}, "first"),
        ({"commit_sha": "HEAD~1"}, "first"),
    ],
)
def test_a_clone_is_of_the_branch_tag_or_commit(
    options: dict[str, str], value: str, repository: Path, run_folder: Path
) -> None:
    if "commit_sha" in options:
        options = {"commit_sha": git(repository, "rev-parse", "HEAD~1")}
    step = {"repository": f"file://{repository}", **options}

    folder = pull(steps({"prefect.deployments.steps.git_clone": step}), Path.cwd())

    assert value_of(folder) == value
    assert folder.parent == run_folder


def test_outputs_of_a_step_feed_the_next(repository: Path) -> None:
    clone = {"id": "clone", "repository": f"file://{repository}"}
    there = {"directory": "{{ clone.directory }}/flows"}
    given = steps(
        {"prefect.deployments.steps.git_clone": clone},
        {"prefect.deployments.steps.set_working_directory": there},
    )

    folder = pull(given, Path.cwd())

    assert load_flow("x.py:f", folder).fn() == "second"


def test_a_path_may_be_a_repository(repository: Path) -> None:
    folder = pull({"path": f"git+file://{repository}@stable"}, Path.cwd())

    assert value_of(folder) == "first"


def test_a_path_of_this_machine_is_used_in_place(tmp_path: Path) -> None:
    assert pull({"path": str(tmp_path)}, Path.cwd()) == tmp_path.resolve()


def test_a_working_directory_of_this_machine_is_used_in_place(tmp_path: Path) -> None:
    step = {
        "prefect.deployments.steps.set_working_directory": {"directory": str(tmp_path)}
    }

    assert pull({"path": ".", **steps(step)}, Path.cwd()) == tmp_path.resolve()


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"prefect_aws.steps.pull_from_s3": {}}, "pull_from_s3 is not known here"),
        ({"git_clone": {}}, "git_clone failed: .*repository"),
        ({"git_clone": {"repository": "file:///nowhere"}}, "git fetch ended with 128"),
        ({"git_clone": {"repository": "--upload-pack=x"}}, "is no repository"),
        ({"git_clone": {"repository": "ext::sh -c id"}}, "transport 'ext' not allowed"),
        ({"git_clone": {"repository": "x", "sparse": ["a"]}}, "takes no sparse here"),
        (
            {"git_clone": {"repository": "{{ prefect.blocks.secret.x }}"}},
            "which nothing fills in here",
        ),
        ({"set_working_directory": {"directory": "/nowhere"}}, "not on this machine"),
        ("git_clone", "one name with its inputs"),
    ],
)
def test_a_step_that_fails_says_which_and_why(step: Any, said: str) -> None:
    with pytest.raises(PullError, match=said):
        pull({"pull_steps": [step]}, Path.cwd())


def test_a_token_is_in_no_message(tmp_path: Path) -> None:
    step = {"repository": "http://127.0.0.1:9/x.git", "access_token": "hush-hush"}

    with pytest.raises(PullError) as caught:
        pull(steps({"git_clone": step}), Path.cwd())

    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize("way", [*WAYS_OUT, "linked.py"])
def test_an_entrypoint_never_leads_out_of_its_folder(way: str, walled: Path) -> None:
    with pytest.raises(ScriptError):
        load_flow(f"{way}:f", walled)


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_fetched_file_never_lands_outside(way: str, walled: Path) -> None:
    with pytest.raises((fetching.FetchError, OSError, RuntimeError)):
        fetching.place(walled, way).open("xb")

    assert (walled.parent / "secret.py").read_text() == FLOW.format(value="secret")


@pytest.mark.parametrize(
    "way", ["..", "../..", "link", "/", "/etc", "x\0y", "n" * 5000]
)
def test_fetched_code_is_never_left(way: str, repository: Path, tmp_path: Path) -> None:
    (repository / "link").symlink_to(tmp_path)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "link")
    clone = {"git_clone": {"repository": f"file://{repository}"}}

    with pytest.raises(PullError):
        pull(steps(clone, {"set_working_directory": {"directory": way}}), Path.cwd())


def test_code_is_read_through_fsspec(tmp_path: Path) -> None:
    system = fsspec.filesystem("memory")
    system.pipe("/bucket/flows/x.py", FLOW.format(value="far").encode())

    folder = pull({"path": "memory://bucket"}, Path.cwd())

    assert value_of(folder) == "far"


def test_an_address_that_nothing_reads_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="nosuch://bucket"):
        pull({"path": "nosuch://bucket"}, Path.cwd())
