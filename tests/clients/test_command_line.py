"""The real command lines show and change what is on our server."""

from __future__ import annotations

from typing import Any

from tests.clients.stage import Stage


def launch(stage: Stage) -> None:
    """Ask for the run of this file."""
    stage.launch("shown", stage.pooled("greet"), parameters={"name": "Grace"})


def test_deployments_are_listed_and_told(stage: Stage):
    name = stage.pooled("greet")

    assert name in stage.cli("deployment", "ls")
    told = stage.cli("deployment", "inspect", name)
    assert stage.deployments[name] in told
    assert stage.pool in told


def test_runs_are_listed_told_and_their_logs_shown(stage: Stage):
    id = stage.runs["shown"]
    run = stage.outcome(id, "Completed")

    assert id in stage.cli("flow-run", "ls", "--limit", "200")
    assert run.run["name"] in stage.cli("flow-run", "inspect", id)
    assert run.times_said("hello Grace") == 1
    assert "hello Grace" in stage.cli("flow-run", "logs", id)
    stage.cli("--no-prompt", "flow-run", "delete", id)
    assert stage.api.get(f"/flow_runs/{id}").status_code == 404


def test_pools_are_made_changed_and_removed(stage: Stage):
    name = stage.named("short-lived")

    def pool() -> dict[str, Any]:
        found: dict[str, Any] = stage.api.get(f"/work_pools/{name}").json()
        return found

    stage.cli("work-pool", "create", name, "--type", "process")
    assert name in stage.cli("work-pool", "ls")
    stage.cli("work-pool", "set-concurrency-limit", name, "7")
    stage.cli("work-pool", "pause", name)
    assert (pool()["concurrency_limit"], pool()["status"]) == (7, "PAUSED")
    assert name in stage.cli("work-pool", "inspect", name)
    stage.cli("work-pool", "resume", name)
    stage.cli("work-pool", "clear-concurrency-limit", name)
    assert (pool()["concurrency_limit"], pool()["is_paused"]) == (None, False)
    stage.cli("--no-prompt", "work-pool", "delete", name)
    assert stage.api.get(f"/work_pools/{name}").status_code == 404


def test_queues_are_made_changed_and_removed(stage: Stage):
    name = stage.named("aside")
    of = ("--pool", stage.pool)

    def queue() -> dict[str, Any]:
        address = f"/work_pools/{stage.pool}/queues/{name}"
        found: dict[str, Any] = stage.api.get(address).json()
        return found

    stage.cli("work-queue", "create", name, *of, "--limit", "3")
    assert queue()["concurrency_limit"] == 3
    assert name in stage.cli("work-queue", "ls", *of)
    stage.cli("work-queue", "set-concurrency-limit", name, "4", *of)
    stage.cli("work-queue", "pause", name, *of)
    assert (queue()["concurrency_limit"], queue()["status"]) == (4, "PAUSED")
    assert name in stage.cli("work-queue", "inspect", name, *of)
    stage.cli("work-queue", "resume", name, *of)
    stage.cli("work-queue", "clear-concurrency-limit", name, *of)
    assert (queue()["concurrency_limit"], queue()["is_paused"]) == (None, False)
    stage.cli("--no-prompt", "work-queue", "delete", name, *of)
    assert "aside" not in stage.cli("work-queue", "ls", *of)


def test_tag_limits_are_made_and_removed(stage: Stage):
    tag = stage.named("tagged")

    stage.cli("concurrency-limit", "create", tag, "3")
    assert tag in stage.cli("concurrency-limit", "ls")
    assert tag in stage.cli("concurrency-limit", "inspect", tag)
    stage.cli("concurrency-limit", "reset", tag)
    stage.cli("--no-prompt", "concurrency-limit", "delete", tag)
    assert stage.api.get(f"/concurrency_limits/tag/{tag}").status_code == 404


def test_global_limits_are_made_changed_and_removed(stage: Stage):
    name = stage.named("global")

    def limit() -> dict[str, Any]:
        found: dict[str, Any] = stage.api.get(f"/v2/concurrency_limits/{name}").json()
        return found

    stage.cli("global-concurrency-limit", "create", name, "--limit", "3")
    assert name in stage.cli("global-concurrency-limit", "ls")
    stage.cli("global-concurrency-limit", "update", name, "--limit", "4")
    stage.cli("global-concurrency-limit", "disable", name)
    assert (limit()["limit"], limit()["active"]) == (4, False)
    stage.cli("global-concurrency-limit", "enable", name)
    assert limit()["active"] is True
    assert name in stage.cli("global-concurrency-limit", "inspect", name)
    stage.cli("--no-prompt", "global-concurrency-limit", "delete", name)
    assert stage.api.get(f"/v2/concurrency_limits/{name}").status_code == 404
