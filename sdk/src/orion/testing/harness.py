"""`harness()`: flows report over the real wire calls to a server in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from orion.report.classic import ClassicReporter
from orion.report.reporter import use_reporter
from orion.settings import override
from orion.testing.fake_api import Body, FakeApi

ADDRESS = "http://harness.invalid/api"


class Harness:
    """What the server in memory was told, and what it is to answer."""

    def __init__(self, api: FakeApi) -> None:
        self.api = api

    @property
    def requests(self) -> list[tuple[str, str, Any]]:
        """Method, path and body of each request, in order."""
        return self.api.requests

    def flow_runs(self) -> list[Body]:
        """All flow runs, the oldest first."""
        return list(self.api.runs["flow"].values())

    @property
    def last_run(self) -> Body:
        """The flow run that was created last."""
        return self.flow_runs()[-1]

    def task_runs(self, run: Mapping[str, Any] | None = None) -> list[Body]:
        """The task runs of a flow run, or all of them."""
        found = self.api.runs["task"].values()
        return [r for r in found if run is None or r["flow_run_id"] == run["id"]]

    def states(self, run: Mapping[str, Any]) -> list[str]:
        """The names of the states that a run was in."""
        return [state["name"] for state in self.api.states[run["id"]]]

    def logs(self, run: Mapping[str, Any] | None = None) -> list[str]:
        """The messages logged by a flow run and its tasks, or all."""
        found = self.api.logs
        return [
            record["message"]
            for record in found
            if run is None or record["flow_run_id"] == run["id"]
        ]

    def fail_next(self, times: int = 1, status: int = 503) -> None:
        """Answer the next requests with this status; 0 drops the connection."""
        self.api.failures.extend([status] * times)

    def answer(
        self,
        proposed: str,
        status: str,
        *,
        state: Mapping[str, Any] | None = None,
        **details: Any,
    ) -> None:
        """Give this verdict when a state of that type is proposed next."""
        verdict = {"status": status, "state": state, "details": details}
        self.api.verdicts.append((proposed, verdict))

    @contextlib.contextmanager
    def partition(self) -> Iterator[None]:
        """Nothing gets through while the block runs."""
        self.api.is_away = True
        try:
            yield
        finally:
            self.api.is_away = False


@contextlib.contextmanager
def harness(**changes: Any) -> Iterator[Harness]:
    """A server in memory for the block; keywords with `__` change settings."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    with override({"mode": "server", "api.url": ADDRESS, **named}):
        api = FakeApi()
        use_reporter(ClassicReporter(api, pause=lambda _: None))
        yield Harness(api)


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """No server in the block, whatever the environment says."""
    with override({"mode": "offline"}):
        yield
