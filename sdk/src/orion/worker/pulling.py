"""Bringing a run's code here: the deployment's pull steps, or its path alone."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from orion.exceptions import OrionError, ScriptError
from orion.worker import fetching

RUN_FOLDER: Final = "ORION_RUN_FOLDER"
_PLACEHOLDER: Final = re.compile(r"\{\{\s*([\w.\-$ ]+?)\s*\}\}")
_PREFIXES: Final = (
    "prefect.deployments.steps.pull.",
    "prefect.deployments.steps.",
    "prefect.projects.steps.",
    "orion.steps.",
)
_SYNONYMS: Final = {
    "pull_from_remote_storage": "fsspec_pull",
    "git_clone_project": "git_clone",
}
_ABOUT_THE_STEP: Final = ("id", "requires")


class PullError(ScriptError):
    """A step before the run failed; the message names the step."""


@dataclass(slots=True)
class Folders:
    """Where the code is: given by the operator, or fetched and then never left."""

    working: Path
    fetched: Path | None = None
    outputs: dict[str, str] = field(default_factory=dict)

    def new(self) -> Path:
        """An empty folder that goes when the run is over."""
        given = os.environ.get(RUN_FOLDER)
        parent = given if given and Path(given).is_dir() else None
        return Path(tempfile.mkdtemp(prefix="code-", dir=parent)).resolve()

    def enter(self, fetched: Path) -> dict[str, str]:
        """Go on inside what a step has fetched."""
        self.working = self.fetched = fetched
        return {"directory": str(fetched)}


def pull(deployment: Mapping[str, Any], here: Path) -> Path:
    """The folder from which the deployment's flow is imported."""
    folders = Folders(here)
    steps = deployment.get("pull_steps") or []
    if not isinstance(steps, list):
        raise PullError("The deployment's pull steps should be a list of steps")
    for step in steps:
        _take(step, folders)
    path = deployment.get("path")
    if path and not (steps and not fetching.is_remote(str(path))):
        _take_path(str(path), folders)
    elif path and not Path(path).is_absolute():
        folders.working = inside(folders.working, str(path))
    return folders.working


def inside(folder: Path, name: str) -> Path:
    """A folder by a name that leads nowhere else; links count as what they lead to."""
    try:
        found = (folder / name).resolve()
        is_inside = found.is_relative_to(folder.resolve())
        is_folder = is_inside and found.is_dir()
    except (OSError, ValueError) as error:
        raise PullError(f"{name[:200]!r} is no folder: {error}") from None
    if not is_inside:
        raise PullError(f"The folder {name[:200]!r} is outside of {folder}")
    if not is_folder:
        raise PullError(f"There is no folder {name[:200]!r} in {folder}")
    return found


def _take_path(path: str, folders: Folders) -> None:
    """A folder of this machine as it is; anything with a scheme is fetched."""
    try:
        if fetching.is_git(path):
            repository, ref = fetching.split_git(path)
            folders.enter(fetching.git(folders.new(), repository, ref=ref))
        elif fetching.is_remote(path):
            folders.enter(fetching.files(folders.new(), path))
        elif Path(path).is_dir():
            folders.working = Path(path).resolve()
            return
    except (OSError, ValueError, fetching.FetchError) as error:
        raise ScriptError(f"The deployment's path cannot be used: {error}") from error
    if not folders.fetched:
        raise ScriptError(f"The deployment's folder {path} is not on this machine")


def _take(step: Any, folders: Folders) -> None:
    if not isinstance(step, Mapping) or len(step) != 1:
        raise PullError(f"A pull step should be one name with its inputs: {step!r}")
    full_name, given = next(iter(step.items()))
    name = _short(str(full_name))
    run = STEPS.get(name)
    if run is None:
        raise PullError(
            f"The pull step {full_name} is not known here: this agent takes "
            f"{', '.join(STEPS)}"
        )
    inputs = {k: v for k, v in (given or {}).items() if k not in _ABOUT_THE_STEP}
    try:
        filled = {k: _filled(k, v, folders.outputs) for k, v in inputs.items()}
        found = run(folders, **filled)
    except (OrionError, OSError, ValueError, TypeError) as error:
        raise PullError(f"The pull step {full_name} failed: {error}") from error
    folders.outputs.update(found)
    if own := (given or {}).get("id"):
        folders.outputs.update({f"{own}.{k}": v for k, v in found.items()})


def _short(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return _SYNONYMS.get(name, name)


def _filled(key: str, value: Any, outputs: Mapping[str, str]) -> Any:
    """Outputs of earlier steps and variables of the environment, by name."""
    if isinstance(value, list):
        return [_filled(key, each, outputs) for each in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        name = match[1]
        found = os.environ.get(name[1:]) if name[:1] == "$" else outputs.get(name)
        if found is None:
            raise PullError(f"{key} holds {match[0]}, which nothing fills in here")
        return found

    return _PLACEHOLDER.sub(one, value)


def _set_working_directory(folders: Folders, directory: str) -> dict[str, str]:
    """Before code was fetched any folder of the operator's, afterwards one of it."""
    if folders.fetched is not None:
        relative = os.path.relpath(folders.working / directory, folders.fetched)
        folders.working = inside(folders.fetched, relative)
    elif (folders.working / directory).is_dir():
        folders.working = (folders.working / directory).resolve()
    else:
        raise PullError(f"the folder {directory} is not on this machine")
    return {"directory": str(folders.working)}


def _git_clone(
    folders: Folders,
    repository: str,
    *,
    branch: str | None = None,
    commit_sha: str | None = None,
    include_submodules: bool = False,
    access_token: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    **unknown: Any,
) -> dict[str, str]:
    other = unknown.pop("commit", None) or unknown.pop("tag", None)
    if wanted := [name for name, value in unknown.items() if value]:
        raise PullError(f"git_clone takes no {', '.join(sorted(wanted))} here")
    token = access_token
    if token is None and isinstance(credentials, Mapping):
        token = credentials.get("token") or credentials.get("access_token")
    elif credentials is not None and not isinstance(credentials, Mapping):
        raise PullError("credentials should be a mapping with a token")
    clone = fetching.git(
        folders.new(),
        repository,
        ref=commit_sha or branch or other,
        token=token,
        with_submodules=include_submodules,
    )
    return folders.enter(clone)


def _fsspec_pull(folders: Folders, url: str, **options: Any) -> dict[str, str]:
    return folders.enter(fetching.files(folders.new(), url, options))


STEPS: Final[Mapping[str, Callable[..., dict[str, str]]]] = {
    "git_clone": _git_clone,
    "set_working_directory": _set_working_directory,
    "fsspec_pull": _fsspec_pull,
}
