"""Long-lived processes of one generation of the client beside our server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Any

from tests.clients.client import FINAL, Outcome, eventually
from tests.support.peers import peer_environment, peer_python
from tests.support.server import Server, processes_with

HERE = Path(__file__).parent
POOL = "everything"
# the names of the states of a run to which nothing happens
PLAIN = {
    2: ["Scheduled", "Pending", "Running", "Completed"],
    3: ["Scheduled", "Pending", "Submitting", "Running", "Completed"],
}
FLOWS = ("greet", "sleeping", "pausing", "asking", "calling")


class Stage:
    """A pool with a worker of one generation, and deployments of all flows in it."""

    def __init__(self, generation: int, server: Server, folder: Path) -> None:
        self.generation = generation
        self.server = server
        self.api = server.api
        self.home = folder
        self.pool = self.named(POOL)
        self.runs: dict[str, str] = {}
        self.deployments: dict[str, str] = {}
        self.processes: dict[str, subprocess.Popen[str]] = {}
        shutil.copy(HERE / "deployed.py", folder)

    def named(self, name: str) -> str:
        """A name that the other generation's stage does not take."""
        return f"{name}-{self.generation}"

    def start(self) -> None:
        """Start the shell and a worker, and deploy everything."""
        self.spawn("shell", str(HERE / "shell.py"), stdin=subprocess.PIPE)
        self.add_worker(self.pool)
        for flow in FLOWS:
            self.deploy(flow, name=self.named("pooled"), work_pool_name=self.pool)

    def add_worker(self, pool: str) -> None:
        """Create a pool and start a worker for it."""
        self.cli("work-pool", "create", pool, "--type", "process")
        self.spawn(pool, self.prefect, "worker", "start", "--pool", pool)

    @property
    def prefect(self) -> str:
        """The client's command line as a program."""
        return str(peer_python(self.generation).with_name("prefect"))

    def spawn(
        self, name: str, *arguments: str, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        """Start the client's Python; what it prints goes to a log, but the shell's."""
        shell = stdin == subprocess.PIPE
        with self.log_path(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [peer_python(self.generation), *arguments],
                cwd=self.home,
                env=peer_environment(f"{self.server.url}/api", self.home),
                stdin=stdin,
                stdout=subprocess.PIPE if shell else log,
                stderr=log,
                text=True,
            )
        return self.processes[name]

    def log_path(self, name: str) -> Path:
        """Where the output of a process goes."""
        return self.home / f"{name}.log"

    def log(self, name: str) -> str:
        """What a process printed."""
        return self.log_path(name).read_text(errors="replace")

    def ask(self, verb: str, *arguments: Any, **options: Any) -> Any:
        """Have the shell do something and return what it answers."""
        shell = self.processes["shell"]
        pipes: tuple[IO[str] | None, ...] = (shell.stdin, shell.stdout)
        to, back = pipes
        assert to is not None
        assert back is not None
        to.write(json.dumps([verb, arguments, options]) + "\n")
        to.flush()
        line = back.readline()
        assert line, f"the shell died:\n{self.log('shell')[-4000:]}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def cli(self, *arguments: str) -> str:
        """Run `prefect …`; what it printed."""
        status, printed = self.ask("cli", *arguments)
        assert status == 0, f"prefect {' '.join(arguments)} left with {status}{printed}"
        return str(printed)

    def deploy(self, flow: str, *, name: str, verb: str = "deploy", **more: Any) -> str:
        """Deploy a flow; the id."""
        id = str(self.ask(verb, f"deployed.py:{flow}", name=name, **more))
        self.deployments[f"{flow}/{name}"] = id
        return id

    def launch(self, key: str, deployment: str, **options: Any) -> str:
        """Ask for a run and remember it by a key; the id."""
        self.runs[key] = str(self.ask("start", deployment, **options))
        return self.runs[key]

    def pooled(self, flow: str) -> str:
        """The name of a flow's deployment in the pool."""
        return f"{flow}/{self.named('pooled')}"

    def outcome(self, id: str, *states: str, within: float = 600) -> Outcome:
        """A run once it is in one of some states; a final one ends the wait as well."""

        def is_good(found: Outcome) -> bool:
            state = found.run["state"]
            return state["name"] in states or state["type"] in FINAL

        found = eventually(
            lambda: Outcome(self.api, id), is_good, within=within, pause=0.5
        )
        assert isinstance(found, Outcome)
        logs = [self.log(path.stem)[-3000:] for path in self.home.glob("*.log")]
        assert found.run["state"]["name"] in states, "\n".join(
            [repr(found.history), repr(found.run["state"]["message"]), *logs]
        )
        return found

    def processes_of(self, id: str) -> list[int]:
        """The processes that execute a run."""
        return [
            *processes_with(f"PREFECT__FLOW_RUN_ID={id}"),
            *processes_with(f"PREFECT__FLOW_RUN_ID={id.replace('-', '')}"),
        ]

    def stop(self, name: str, *, within: float = 60) -> int:
        """End a process as Ctrl-C does; its exit status."""
        process = self.processes[name]
        process.send_signal(signal.SIGINT)
        return process.wait(timeout=within)

    def close(self) -> None:
        """End everything that was started here, and what that started."""
        for process in self.processes.values():
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        for pid in processes_with(f"HOME={self.home}"):
            os.kill(pid, signal.SIGKILL)
