from __future__ import annotations

import os
from pathlib import Path

import pytest

from orion.worker.environment import clean_path, for_child, working_folder


@pytest.fixture
def server_tree(tmp_path: Path) -> Path:
    tree = tmp_path / "server"
    (tree / "orion_site").mkdir(parents=True)
    (tree / "manage.py").touch()
    return tree


def test_the_servers_tree_leaves_the_search_path(
    server_tree: Path, tmp_path: Path
) -> None:
    path = os.pathsep.join([str(server_tree), str(tmp_path), ""])

    assert clean_path(path) == str(tmp_path)


def test_a_job_cannot_bring_the_servers_tree_back(server_tree: Path) -> None:
    env = for_child(
        {},
        flow_run_id="r",
        api_url="http://a/api",
        extra={"PYTHONPATH": str(server_tree), "COLOUR": 7, "UNSET": None},
    )

    assert env["PYTHONPATH"] == ""
    assert env["COLOUR"] == "7"
    assert "UNSET" not in env


def test_what_belongs_to_agent_and_server_is_not_passed_on() -> None:
    parent = {
        "HOME": "/home/me",
        "ORION_AGENT_NAME": "a",
        "ORION_DATABASE_URL": "postgresql://secret",
        "ORION_SECRET_KEY": "secret",
        "DJANGO_SETTINGS_MODULE": "orion_site.settings.prod",
        "ORION_API_KEY": "k",
    }

    env = for_child(parent, flow_run_id="r", api_url="http://a/api")

    assert env == {
        "HOME": "/home/me",
        "ORION_API_KEY": "k",
        "ORION_API_URL": "http://a/api",
        "ORION_FLOW_RUN_ID": "r",
        "ORION_LAUNCH_GATE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def test_a_users_own_django_keeps_its_settings() -> None:
    parent = {"DJANGO_SETTINGS_MODULE": "shop.settings"}

    env = for_child(parent, flow_run_id="r", api_url="u")

    assert env["DJANGO_SETTINGS_MODULE"] == "shop.settings"


def test_the_job_names_the_folder_before_the_deployment_does(tmp_path: Path) -> None:
    of_job, of_deployment = tmp_path / "job", tmp_path / "deployment"
    of_job.mkdir()
    of_deployment.mkdir()

    both = working_folder({"working_dir": str(of_job)}, str(of_deployment), tmp_path)
    one = working_folder({}, str(of_deployment), tmp_path)
    none = working_folder({"working_dir": "/not/here"}, None, tmp_path)

    assert (both, one, none) == (of_job, of_deployment, tmp_path)
