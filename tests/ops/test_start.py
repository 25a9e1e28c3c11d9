"""`manage.py start`: everything up, everything down, no process left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.clock import now
from tests.support.postgres import create_database, drop_database
from tests.support.server import ROOT, Server
from tests.support.waiting import until


def has_ticked(server: Server, loop: str, since: datetime) -> bool:
    """Whether a loop has succeeded since then, in whichever process."""
    loops = {one["name"]: one for one in server.api.get("/ready").json()["loops"]}
    if loop not in loops:
        return False
    last = loops[loop]["last_success"]
    return last is not None and datetime.fromisoformat(last) > since


@pytest.fixture
def make(home: Path, template: object) -> Iterator[Callable[..., Server]]:
    """Servers with one home folder, all ended afterwards."""
    made: list[Server] = []

    def server(url: str, *options: str) -> Server:
        made.append(Server(home, url, options=options))
        return made[-1]

    yield server
    for one in made:
        one.close()


@pytest.fixture
def fresh(tmp_path: Path, template: object) -> Iterator[str]:
    """The address of a database without tables."""
    postgres = template.postgres  # type: ignore[attr-defined]
    if not postgres:
        yield f"sqlite:///{tmp_path}/fresh.db"
        return
    name = f"orion_{uuid4().hex}"
    yield create_database(postgres, name)
    drop_database(postgres, name)


def test_servers_that_start_together_migrate_once(make, fresh):
    servers = [make(fresh, "--no-agent", "--no-services") for _ in range(3)]
    for server in servers:
        address = ("--host", "127.0.0.1", "--port", str(server.port))
        server.process = server.manage("start", *address, *server.options)

    for server in servers:
        server.wait_healthy(within=120)

    assert servers[0].log().count("Applied ") == 1
    for server in servers:
        server.process.terminate()
    assert [server.process.wait(timeout=30) for server in servers] == [0, 0, 0]


def test_everything_ends_with_sigterm(make, database_url):
    server = make(database_url)
    server.start()
    assert until(lambda: len(server.pids()) == 2, 60)  # the agent

    process = server.process
    process.terminate()

    assert process.wait(timeout=30) == 0
    assert server.pids() == []
    assert f"Orion is ready: {server.url}/" in server.log()


def test_an_agent_that_dies_is_started_again(make, database_url):
    server = make(database_url)
    server.start()
    assert until(lambda: len(server.pids()) == 2, 60)
    (agent,) = set(server.pids()) - {server.process.pid}

    os.kill(agent, signal.SIGKILL)

    def is_replaced() -> bool:
        return bool(set(server.pids()) - {server.process.pid, agent})

    assert until(is_replaced, 60)
    assert server.stop() == 0


def test_no_process_outlives_a_killed_server_for_long(make, database_url):
    server = make(database_url)
    server.start()
    assert until(lambda: len(server.pids()) == 2, 60)

    server.process.kill()
    server.process.wait(timeout=30)

    assert until(lambda: server.pids() == [], 10)


def test_loops_run_in_the_server_and_say_so(server):
    began = now() - timedelta(minutes=5)

    assert until(lambda: has_ticked(server, "lease-expiry", began), 60)


def test_without_services_only_what_each_server_needs_runs(make, fresh):
    began = now()
    server = make(fresh, "--no-agent", "--no-services")
    server.start()

    assert until(lambda: has_ticked(server, "recorder", began), 60)
    assert not has_ticked(server, "lease-expiry", began)
    assert server.stop() == 0


def test_a_second_signal_ends_it_at_once(make, database_url):
    server = make(database_url)
    server.start()
    assert until(lambda: len(server.pids()) == 2, 60)

    process = server.process
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=30) in {0, -signal.SIGTERM, -signal.SIGINT}
    assert until(lambda: server.pids() == [], 10)


def test_a_busy_port_is_one_clear_line(server, make, database_url):
    second = make(database_url)

    refused = second.manage("start", "--port", str(server.port))

    assert refused.wait(timeout=60) == 1
    said = second.log()
    assert said.startswith("CommandError: Something already listens on")
    assert said.count("\n") == 1


def test_an_open_address_is_refused_without_authentication(make, database_url):
    server = make(database_url)
    address = ("--host", "0.0.0.0", "--port", str(server.port), "--no-agent")

    refused = server.manage("start", *address)
    assert refused.wait(timeout=60) == 1
    assert "--allow-unauthenticated" in server.log()

    server.process = server.manage("start", *address, "--allow-unauthenticated")
    server.wait_healthy()
    assert "Warning: everyone" in server.log()
    named = {"Host": f"10.1.2.3:{server.port}"}
    assert server.api.get("/version", headers=named).status_code == 200
    foreign = {"Host": "evil.example"}
    assert server.api.get("/version", headers=foreign).status_code == 400
    assert server.stop() == 0


def test_foreign_hosts_and_origins_are_refused_on_loopback(server):
    here = f"127.0.0.1:{server.port}"

    def status(**headers: str) -> int:
        return server.api.get("/version", headers=headers).status_code

    assert status(Host=here) == 200
    assert status(Host="10.1.2.3") == 400
    assert status(Host="evil.example") == 400
    assert status(Host=here, Origin="http://evil.example") == 403
    assert status(Host=here, Origin=f"http://{here}") == 200


def test_a_database_of_a_newer_version_is_refused(make, tmp_path, template):
    with template.copy() as url:
        server = make(url, "--no-agent")
        mark = (
            "from django.db import connection\n"
            "from django.db.migrations.recorder import MigrationRecorder\n"
            "MigrationRecorder(connection)"
            ".record_applied('orion_runs', '0099_future')"
        )
        assert server.manage("shell", "-v0", "-c", mark).wait(timeout=60) == 0

        process = server.manage("start", "--port", str(server.port), "--no-agent")

        assert process.wait(timeout=60) == 1
        assert "orion_runs.0099_future" in server.log()
        assert "Traceback" not in server.log()


def ask(
    server: Server, *arguments: str, answer: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that asks, and answer."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=server.env,
        input=answer,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_database_is_reset_when_the_person_is_sure(make, template):
    with template.copy() as url:
        server = make(url)
        flows = "from flows.models import Flow; print(Flow.objects.count())"

        def count() -> str:
            return ask(server, "shell", "-v0", "-c", flows, answer="").stdout.strip()

        make_one = "from flows.models import Flow; Flow.objects.create(name='etl')"
        ask(server, "shell", "-v0", "-c", make_one, answer="")

        assert ask(server, "reset_db", answer="no\n").returncode == 1
        assert ask(server, "reset_db", answer="").returncode == 1
        assert count() == "1"
        done = ask(server, "reset_db", answer="yes\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert count() == "0"


def test_runserver_serves_the_same(make, database_url):
    server = make(database_url)
    server.process = server.manage(
        "runserver", f"127.0.0.1:{server.port}", "--noreload"
    )
    server.wait_healthy()

    assert server.api.get("/version").json() == "0.8.4"

    assert server.stop() == 0


def test_runserver_with_reloading_serves_too_and_leaves_nobody(make, database_url):
    server = make(database_url)
    server.process = server.manage("runserver", str(server.port))
    server.wait_healthy()

    server.process.send_signal(signal.SIGINT)

    server.process.wait(timeout=30)
    assert until(lambda: server.pids() == [], 10)


def test_an_odd_address_is_one_clear_line(make, database_url):
    done = ask(make(database_url), "runserver", "nowhere", "--noreload", answer="")

    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: 'nowhere' is no address: write PORT or HOST:PORT.\n"
    )


def test_services_are_listed_and_run_once(make, database_url):
    server = make(database_url)

    listed = ask(server, "run_services", "--list", answer="")
    once = ask(server, "run_services", "--once", answer="")

    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == sorted(names)
    assert "lease-expiry" in names
    assert (once.returncode, once.stderr) == (0, "")


def test_services_run_beside_a_server_and_end_cleanly(make, database_url):
    server = make(database_url, "--no-agent", "--no-services")
    server.start()
    began = now()
    services = server.manage("run_services")

    assert until(lambda: has_ticked(server, "lease-expiry", began), 60)
    services.terminate()
    assert services.wait(timeout=30) == 0
    assert server.stop() == 0


def test_an_agent_alone_takes_over_the_command(make, database_url):
    server = make(database_url, "--no-agent", "--no-services")
    server.start()
    server.env["ORION_API_URL"] = f"{server.url}/api"

    agent = server.manage("run_agent", "-q", "default", "--name", "alone")
    assert until(lambda: "agent alone starts" in server.log(), 60)
    agent.terminate()

    assert agent.wait(timeout=30) == 0
    assert server.stop() == 0
