"""A client that costs little and hides nothing: one kept connection, raw bodies."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

JSON = {"Content-Type": "application/json"}
LOST = (OSError, http.client.HTTPException)  # the server went away in the middle


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and how long it took."""

    status: int
    headers: dict[str, str]
    content: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the server acknowledged."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.content)


class Wire:
    """One connection to one server; not for sharing between threads."""

    def __init__(self, port: int, *, timeout: float = 30) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request under `/api`; raises one of `LOST` when there is no answer."""
        content = body if isinstance(body, bytes) or body is None else encoded(body)
        started = time.monotonic()
        try:
            self.connection.request(method, f"/api{path}", content, headers or JSON)
            answer = self.connection.getresponse()
            data = answer.read()
        except LOST:
            self.connection.close()
            raise
        if answer.will_close:
            self.connection.close()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, names, data, time.monotonic() - started)

    def post(self, path: str, body: Any = None) -> Reply:
        """A POST with a JSON body."""
        return self.call("POST", path, {} if body is None else body)

    def get(self, path: str) -> Reply:
        """A GET."""
        return self.call("GET", path)

    def created(self, path: str, body: Any) -> Any:
        """A POST that has to succeed; its answer."""
        reply = self.post(path, body)
        assert reply.ok, f"{path}: {reply.status} {reply.content[:500]!r}"
        return reply.json()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()


def encoded(body: Any) -> bytes:
    """JSON as clients write it."""
    return json.dumps(body).encode()
