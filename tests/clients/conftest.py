"""Stages for the real clients, started once; in CI each database takes a half."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.clients.stage import Stage
from tests.support.server import Server
from tests.support.template import Template

# what CI leaves to the other database; `--long` runs everything on both
HALF: dict[str, set[Any]] = (
    {"generation": {3}, "kind": {(2, "async"), (3, "sync")}}
    if os.environ["ORION_TEST_DB"] == "postgres"
    else {"generation": {2}, "kind": {(2, "sync"), (3, "async")}}
)


def is_here(item: pytest.Item) -> bool:
    """Whether a test is of this folder."""
    return Path(__file__).parent in item.path.parents


def has_stage(item: pytest.Item) -> bool:
    """Whether a test uses the long-lived processes of a generation."""
    return "stage" in getattr(item, "fixturenames", ()) and is_here(item)


def is_chosen(item: pytest.Item) -> bool:
    """Whether a test of this folder runs on this database in CI."""
    if not is_here(item):
        return True
    params = getattr(getattr(item, "callspec", None), "params", {})
    return all(params[name] in HALF[name] for name in HALF if name in params)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Share the work between the runs on both databases.

    The first test of a stage waits for much that serves the others as well, so they
    follow each other, at the end: nobody else runs beside the stage's processes.
    """
    staged = [item for item in items if has_stage(item)]
    for item in staged:
        item.add_marker(pytest.mark.timeout(900))
    items[:] = [item for item in items if not has_stage(item)] + staged
    if config.getoption("--long"):
        return
    rest = [item for item in items if not is_chosen(item)]
    items[:] = [item for item in items if is_chosen(item)]
    config.hook.pytest_deselected(items=rest)


class Stages:
    """One stage per generation, each started when it is first asked for."""

    def __init__(self, server: Server, folder: Path, topics: list[Any]) -> None:
        self.server = server
        self.folder = folder
        self.topics = topics
        self.started: dict[int, Stage] = {}
        self.ready: set[int] = set()

    def of(self, generation: int) -> Stage:
        """The stage of a generation; every selected topic's runs have been asked for.

        So runs of many tests are under way while one of them is waited for.
        """
        if generation not in self.started:
            folder = self.folder / f"prefect{generation}"
            folder.mkdir()
            stage = Stage(generation, self.server, folder)
            self.started[generation] = stage
            stage.start()
            for topic in self.topics:
                topic.launch(stage)
            self.ready.add(generation)
        assert generation in self.ready, "what all tests share could not be started"
        return self.started[generation]

    def close(self) -> None:
        """End what runs."""
        for stage in self.started.values():
            stage.close()


@pytest.fixture(scope="session")
def stages(
    request: pytest.FixtureRequest,
    template: Template,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stages]:
    """The real server and the stages beside it."""
    modules = {item.module for item in request.session.items if hasattr(item, "module")}
    topics = [module for module in modules if hasattr(module, "launch")]
    topics.sort(key=lambda module: module.__name__)
    with ExitStack() as stack:
        url = stack.enter_context(template.copy())
        server = Server(tmp_path_factory.mktemp("home"), url)
        stack.callback(server.close)
        server.start()
        stages = Stages(server, tmp_path_factory.mktemp("stages"), topics)
        stack.callback(stages.close)
        yield stages


@pytest.fixture(params=[2, 3], ids=["2.x", "3.x"])
def generation(request: pytest.FixtureRequest) -> int:
    """A generation of the client."""
    found: int = request.param
    return found


@pytest.fixture
def stage(stages: Stages, generation: int) -> Stage:
    """The processes of a generation of the client."""
    return stages.of(generation)
