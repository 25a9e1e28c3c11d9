"""Where and with which environment a run's process starts: the user's, never ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orion.settings import ApiSettings

GATE, CLAIM = "ORION_LAUNCH_GATE", "ORION_CLAIM"
SERVER_PREFIXES = ("ORION_AGENT_", "ORION_DATABASE_", "ORION_SECRET_")
SERVER_SETTINGS = "orion_site."


def is_server_tree(folder: str) -> bool:
    """True for a checkout of the server, whose packages would shadow the user's."""
    path = Path(folder or os.curdir)
    return (path / "manage.py").is_file() and (path / "orion_site").is_dir()


def clean_path(path: str) -> str:
    """A PYTHONPATH without the server's tree and without the current folder."""
    entries = [entry for entry in path.split(os.pathsep) if entry]
    return os.pathsep.join(entry for entry in entries if not is_server_tree(entry))


def for_child(
    parent: Mapping[str, str],
    *,
    flow_run_id: str,
    api_url: str,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """The parent's environment without the server's part, and what the run needs."""
    env = {k: v for k, v in parent.items() if not k.startswith(SERVER_PREFIXES)}
    if env.get("DJANGO_SETTINGS_MODULE", "").startswith(SERVER_SETTINGS):
        del env["DJANGO_SETTINGS_MODULE"]
    env["PYTHONUNBUFFERED"] = "1"
    env.update({str(k): str(v) for k, v in (extra or {}).items() if v is not None})
    if "PYTHONPATH" in env:
        env["PYTHONPATH"] = clean_path(env["PYTHONPATH"])
    env.update({"ORION_FLOW_RUN_ID": flow_run_id, "ORION_API_URL": api_url, GATE: "1"})
    return env


def for_elsewhere(
    api: ApiSettings, *, flow_run_id: str, extra: Mapping[str, Any]
) -> dict[str, str]:
    """What a run needs on another machine: nothing of this one but the API."""
    env = {"PYTHONUNBUFFERED": "1"}
    env.update({str(k): str(v) for k, v in extra.items() if v is not None})
    env.setdefault("ORION_API_URL", (api.url or "").rstrip("/"))
    if api.key:
        env.setdefault("ORION_API_KEY", api.key)
    if api.auth_string:
        env.setdefault("ORION_API_AUTH_STRING", api.auth_string)
    env["ORION_FLOW_RUN_ID"] = flow_run_id
    return env


def working_folder(
    job_variables: Mapping[str, Any], path: str | None, fallback: Path
) -> Path:
    """The folder the job names, else the deployment's, else the run's own."""
    for candidate in (job_variables.get("working_dir"), path):
        try:
            if candidate and Path(str(candidate)).is_dir():
                return Path(str(candidate)).resolve()
        except (OSError, ValueError):
            continue  # the engine says what is wrong with it
    return fallback
