"""The original servers, each with an empty database, without background services.

2.20.26 runs on SQLite. 3.8.8 runs on PostgreSQL: on SQLite it waits for its own lock
whenever a task run with a limited tag starts over REST.
"""

from __future__ import annotations

import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.golden.replay import FAILED
from tests.support.peers import peer_python
from tests.support.postgres import free_port, new_cluster
from tests.support.server import clean_environment

VERSIONS = {2: "2.20.26", 3: "3.8.8"}
# 2.20.26 names every service; 3.8.8 has one option for all.
SERVICES = (
    "SCHEDULER",
    "LATE_RUNS",
    "FLOW_RUN_NOTIFICATIONS",
    "PAUSE_EXPIRATIONS",
    "CANCELLATION_CLEANUP",
    "FOREMAN",
)
OFF = {f"PREFECT_API_SERVICES_{name}_ENABLED": "false" for name in SERVICES} | {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
}


class Original:
    """An original server in its own process and home folder."""

    def __init__(self, generation: int, home: Path) -> None:
        self.version = VERSIONS[generation]
        self.home = home
        self.cluster = new_cluster() if generation == 3 else None
        if generation == 3 and self.cluster is None:
            raise SystemExit("3.8.8 is recorded on PostgreSQL, and there is none")
        self.port = free_port()
        services = ["--no-services"] if generation == 3 else []
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        program = peer_python(generation).with_name("prefect")
        with (home / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(program), "server", "start", *address, *services],
                env=clean_environment()
                | OFF
                | self.database()
                | {"PREFECT_HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.http = self.connect()

    def connect(self) -> httpx.Client:
        """A client without open connections."""
        url = f"http://127.0.0.1:{self.port}/api"
        return httpx.Client(base_url=url, timeout=60, trust_env=False)

    def database(self) -> dict[str, str]:
        """Where the original finds its database; SQLite is in its home folder."""
        if self.cluster is None:
            return {}
        url = self.cluster.url("postgres").replace("://", "+asyncpg://")
        return {"PREFECT_API_DATABASE_CONNECTION_URL": url}

    def wait_healthy(self, *, within: float = 120) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + within
        while True:
            try:
                if self.http.get("/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.home / "server.log").read_text()[-4000:])
            time.sleep(0.2)

    def send(self, method: str, path: str, body: Any, agent: str) -> tuple[int, Any]:
        """One request; status and parsed body."""
        headers = {"User-Agent": agent, "X-PREFECT-API-VERSION": "0.8.4"}
        answer = self.http.request(method, path, json=body, headers=headers)
        if answer.status_code == FAILED:  # and the connection ends without a word
            self.http.close()
            self.http = self.connect()
            return FAILED, None
        return answer.status_code, answer.json() if answer.content else None

    def forget(self, path: str) -> None:
        """Clear the state pointer of a run, next to the running server."""
        kind, _, id = path.strip("/").partition("/")
        table = {"flow_runs": "flow_run", "task_runs": "task_run"}[kind]
        columns = ("state_id", "state_type", "state_name", "state_timestamp")
        cleared = ", ".join(f"{column} = NULL" for column in columns)
        changed = self.execute(f"UPDATE {table} SET {cleared} WHERE id = '{id}'")
        if changed != 1:
            raise RuntimeError(f"{changed} rows of {table} have the id {id}")

    def execute(self, statement: str) -> int:
        """Run a statement in the original's database; how many rows it changed."""
        if self.cluster:
            url = self.cluster.url("postgres")
            with psycopg.connect(url, autocommit=True) as connection:
                return connection.execute(statement.encode()).rowcount
        file = self.home / "prefect.db"
        with closing(sqlite3.connect(file, timeout=60)) as base, base:
            return base.execute(statement).rowcount

    def close(self) -> None:
        """End it."""
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=20)
        if self.cluster:
            self.cluster.remove()
