"""The API without a server: Django's handler in the test's own transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

TWO = "prefect/2.20.26 (API 0.8.4)"
THREE = "prefect/3.8.8 (API 0.8.4)"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    content: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.content)

    @property
    def wrong(self) -> list[list[Any]]:
        """The places that a 422 complains about."""
        assert self.status == 422, self.content
        return [detail["loc"] for detail in self.json["exception_detail"]]


class Api:
    """Sends requests below `/api` as one of the clients."""

    def __init__(self, agent: str = THREE) -> None:
        self.client = Client(raise_request_exception=False)
        self.agent = agent

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request; bytes are sent as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.generic(
            method,
            f"/api{path}",
            b"" if body is None else raw,
            content_type=kind,
            headers={"User-Agent": self.agent, **(headers or {})},
        )
        content = b"".join(answer) if answer.streaming else answer.content
        return Reply(answer.status_code, content, dict(answer.headers))

    def post(self, path: str, body: Any = None) -> Reply:
        """A POST; without a body an empty object."""
        return self.call("POST", path, {} if body is None else body)

    def get(self, path: str) -> Reply:
        """A GET."""
        return self.call("GET", path)

    def patch(self, path: str, body: Any) -> Reply:
        """A PATCH."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        """A DELETE."""
        return self.call("DELETE", path)


@pytest.fixture
def api(db: None) -> Api:
    """As a 3.x client."""
    return Api()


@pytest.fixture
def api2(db: None) -> Api:
    """As a 2.x client."""
    return Api(TWO)
