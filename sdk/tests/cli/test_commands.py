from __future__ import annotations

import json
from typing import Any

import pytest
from sdk.tests.cli.conftest import Orion
from sdk.tests.client.fake import Asked, FakeServer

from orion import __version__
from orion.cli.deploy import seconds


def test_version_tells_sdk_api_and_server(orion: Orion, server: FakeServer) -> None:
    server.replies["GET", "/admin/version"] = [(200, "2.20.26")]

    code, out, _ = orion("version", "--json")

    found = json.loads(out)
    assert code == 0
    assert found["version"] == __version__
    assert (found["server"], found["api_url"]) == ("2.20.26", server.url)
    assert orion("version", "--short")[1].strip() == __version__


def test_deploy_tells_the_server_all_it_needs(
    orion: Orion, server: FakeServer, tmp_path: Any
) -> None:
    server.replies["POST", "/flows/"] = [(201, {"id": "f1"})]
    server.replies["POST", "/deployments/"] = [(201, {"id": "d1", "name": "nightly"})]

    code, out, _ = orion(
        *("deploy", "report.py:report_sales", "-n", "nightly", "--tag", "a"),
        *("--cron", "0 3 * * *", "--interval", "10m", "--timezone", "Europe/Paris"),
        *("-p", "regions=1", "-p", "day=2026-01-02", "--json"),
        *("--anchor", "2026-01-02T03:04:05.678901+00:00"),
    )

    assert code == 0
    assert json.loads(out)["id"] == "d1"
    assert server.seen("POST", "/flows/")[0].body == {"name": "report-sales"}
    body = server.seen("POST", "/deployments/")[0].body
    schema = body.pop("parameter_openapi_schema")
    assert schema["required"] == ["day"]
    assert body.pop("version")
    assert body == {
        "name": "nightly",
        "flow_id": "f1",
        "entrypoint": "report.py:report_sales",
        "path": str(tmp_path),
        "description": "Sales of a day.",
        "parameters": {"regions": 1, "day": "2026-01-02"},
        "enforce_parameter_schema": True,
        "schedules": [
            {
                "active": True,
                "schedule": {"cron": "0 3 * * *", "timezone": "Europe/Paris"},
            },
            {
                "active": True,
                "schedule": {
                    "interval": 600.0,
                    "timezone": "Europe/Paris",
                    "anchor_date": "2026-01-02T03:04:05.678901+00:00",
                },
            },
        ],
        "tags": ["a"],
        "work_pool_name": None,
        "work_queue_name": "default",
        "job_variables": {},
        "pull_steps": None,
        "concurrency_limit": None,
        "concurrency_options": None,
        "paused": False,
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report.py:nothing", "-n", "x"), "found nothing"),
        (("missing.py:f", "-n", "x"), "There is no file missing.py"),
        (("report.py:report_sales",), "Missing option '-n'"),
        (("report.py:report_sales", "-n", "x", "--interval", "soon"), "such as 30s"),
        (("report.py:report_sales", "-n", "x", "-p", "day"), "name=value"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    arguments: tuple[str, ...], said: str, orion: Orion, server: FakeServer
) -> None:
    code, _, err = orion("deploy", *arguments)

    assert code in (1, 2)
    assert said in err
    assert server.asked == []


@pytest.mark.parametrize(
    ("text", "expected"), [("90", 90), ("1.5s", 1.5), ("10m", 600), ("1d", 86400)]
)
def test_intervals_are_read(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_deployments_are_listed_with_their_flows(
    orion: Orion, server: FakeServer
) -> None:
    found = {**server.deployment, "work_queue_name": "default", "paused": False}
    server.replies["POST", "/deployments/filter"] = [(200, [found])]
    flows = [{"id": found["flow_id"], "name": "report"}]
    server.replies["POST", "/flows/filter"] = [(200, flows)]

    code, out, _ = orion("deployment", "ls")

    assert code == 0
    assert out.split("\t")[:2] == ["report/d", "report.py:report_sales"]


def test_a_deployment_is_run_by_name_and_watched(
    orion: Orion, server: FakeServer
) -> None:
    run = server.add_run("COMPLETED", name="brave-fox")
    path = f"/deployments/{server.deployment['id']}/create_flow_run"
    server.replies["POST", path] = [(201, run)]

    code, out, err = orion(
        *("deployment", "run", "report/d", "-p", "n=[1, 2]", "-p", "s=text"),
        *("--tag", "t", "--watch", "--json"),
    )

    assert code == 0
    assert json.loads(out)["id"] == run["id"]
    assert err.splitlines() == [f"Run brave-fox, id {run['id']}", "Completed"]
    assert server.seen("GET", "/deployments/name/report/d")
    expected = {"parameters": {"n": [1, 2], "s": "text"}, "tags": ["t"]}
    assert server.seen("POST", path)[0].body == expected


def test_watching_a_run_that_fails_ends_with_1(
    orion: Orion, server: FakeServer
) -> None:
    run = server.add_run("FAILED")
    path = f"/deployments/{server.deployment['id']}/create_flow_run"
    server.replies["POST", path] = [(201, run)]

    assert orion("deployment", "run", server.deployment["id"], "--watch")[0] == 1


def test_runs_are_listed_and_filtered(orion: Orion, server: FakeServer) -> None:
    run = {**server.add_run(name="brave-fox"), "state_name": "Scheduled"}
    server.replies["POST", "/flow_runs/filter"] = [(200, [run])]
    flows = [{"id": run["flow_id"], "name": "report"}]
    server.replies["POST", "/flows/filter"] = [(200, flows)]

    code, out, _ = orion("flow-run", "ls", "--state", "Late", "--limit", "7")

    assert code == 0
    assert out.split("\t")[:3] == ["brave-fox", "report", "Scheduled"]
    body = server.seen("POST", "/flow_runs/filter")[0].body
    assert body["flow_runs"] == {"state": {"name": {"any_": ["Late"]}}}
    assert body["limit"] == 7


def test_a_run_is_found_by_the_start_of_its_id(
    orion: Orion, server: FakeServer
) -> None:
    run = server.add_run(name="brave-fox")

    def by_name_or_all(asked: Asked) -> Any:
        return 200, [] if "name" in asked.body["flow_runs"] else [run]

    server.replies["POST", "/flow_runs/filter"] = by_name_or_all

    code, out, _ = orion("flow-run", "inspect", run["id"][:8], "--json")

    assert code == 0
    assert json.loads(out)["name"] == "brave-fox"


def test_a_run_that_is_not_there_is_3(orion: Orion, server: FakeServer) -> None:
    server.replies["POST", "/flow_runs/filter"] = [(200, [])]

    code, _, err = orion("flow-run", "inspect", "calm-owl")

    assert code == 3
    assert "calm-owl" in err


def test_logs_are_read_page_by_page(orion: Orion, server: FakeServer) -> None:
    run = server.add_run()
    stamp = "2026-01-02T03:04:05+00:00"
    records = [
        {"id": str(n), "timestamp": stamp, "level": 20, "message": f"line {n}"}
        for n in range(203)
    ]
    server.replies["POST", "/logs/filter"] = [
        (200, records[:200]),
        (200, records[200:]),
    ]

    code, out, _ = orion("flow-run", "logs", run["id"], "--level", "info")

    assert code == 0
    assert len(out.splitlines()) == 203
    assert out.splitlines()[-1].endswith("INFO     line 202")
    bodies = [asked.body for asked in server.seen("POST", "/logs/filter")]
    assert [body["offset"] for body in bodies] == [0, 200]
    assert bodies[0]["logs"]["level"] == {"ge_": 20}


def test_following_logs_ends_with_the_run(orion: Orion, server: FakeServer) -> None:
    run = server.add_run("FAILED")
    stamp = "2026-01-02T03:04:05+00:00"
    record = {"id": "1", "timestamp": stamp, "level": 40, "message": "no"}
    server.replies["POST", "/logs/filter"] = [(200, [record])]

    code, out, _ = orion("flow-run", "logs", run["id"], "--follow", "--json")

    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == [record]


def test_cancelling_asks_the_server(orion: Orion, server: FakeServer) -> None:
    run = server.add_run("RUNNING", name="brave-fox")

    code, out, _ = orion("flow-run", "cancel", run["id"])

    assert (code, out) == (0, "brave-fox is Cancelling\n")
    assert server.names(run["id"]) == ["CANCELLING"]


def test_a_run_that_cannot_be_cancelled_is_said(
    orion: Orion, server: FakeServer
) -> None:
    run = server.add_run("COMPLETED", name="brave-fox")
    refusal = {"status": "ABORT", "state": None, "details": {"reason": "it has ended"}}
    server.replies["POST", f"/flow_runs/{run['id']}/set_state"] = [(200, refusal)]

    code, _, err = orion("flow-run", "cancel", run["id"])

    assert code == 1
    assert "brave-fox goes on: it has ended" in err


def test_why_tells_the_decisions(orion: Orion, server: FakeServer) -> None:
    run = server.add_run()
    run["state"] |= {"name": "Late", "message": "3 s after its time"}
    told = {"created": "2026-01-02T03:04:05Z", "sentence": "Pool p is paused."}
    path = f"/x/v1/flow_runs/{run['id']}/why"
    server.replies["GET", path] = [(200, {"state": None, "decisions": [told]})]

    code, out, _ = orion("flow-run", "why", run["id"])

    first, second = out.splitlines()
    assert code == 0
    assert first.endswith("  Late: 3 s after its time")
    assert second.endswith("  Pool p is paused.")
    assert json.loads(orion("flow-run", "why", run["id"], "--json")[1])["decisions"]


def test_why_tells_first_what_a_run_waits_for(orion: Orion, server: FakeServer) -> None:
    run = server.add_run()
    waiting = {"since": "2026-01-02T03:04:05Z", "sentence": "pool p is paused"}
    path = f"/x/v1/flow_runs/{run['id']}/why"
    told = {"state": None, "waiting": waiting, "decisions": []}
    server.replies["GET", path] = [(200, told)]

    code, out, _ = orion("flow-run", "why", run["id"])

    assert code == 0
    assert out.splitlines()[-1].endswith("  It waits: pool p is paused.")


def test_a_server_that_does_not_explain_is_said(
    orion: Orion, server: FakeServer
) -> None:
    run = server.add_run()

    code, _, err = orion("flow-run", "why", run["id"])

    assert code == 1, err
    assert "does not explain" in err


def test_a_refused_key_is_77(orion: Orion, server: FakeServer) -> None:
    server.replies["POST", "/flow_runs/filter"] = [
        (401, {"exception_message": "Unauthorized"})
    ]

    code, _, err = orion("flow-run", "ls")

    assert code == 77
    assert "Unauthorized" in err
