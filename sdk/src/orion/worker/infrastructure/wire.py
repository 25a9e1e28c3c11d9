"""Plain HTTP to an engine's API: over TCP, TLS or a unix socket; JSON and streams."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from orion.worker.infrastructure.job import InfrastructureError

REQUEST_SECONDS: Final = 30.0
Connect = Callable[[float | None], http.client.HTTPConnection]


class ApiUnavailable(InfrastructureError):
    """The engine's API gave no answer: it may give one later."""


class Refused(InfrastructureError):
    """The engine's API answered, and not with what was asked for."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket file."""

    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        """Open the file instead of an address."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Api:
    """One engine: each request has a connection of its own, so threads may share it."""

    def __init__(
        self, where: str, connect: Connect, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.where, self._connect = where, connect
        self._headers = dict(headers or {})

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = REQUEST_SECONDS,
    ) -> Any:
        """Ask once; the answer read as JSON, None if it is empty."""
        with self.stream(
            method, path, body, query=query, headers=headers, timeout=timeout
        ) as answer:
            content = self._read(answer)
        try:
            return json.loads(content) if content else None
        except ValueError:
            return None  # some answers are a stream of documents, or "OK"

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """An open answer, to be read as it comes."""
        connection = self._connect(timeout)
        target = f"{path}?{urlencode(query)}" if query else path
        sent = {**self._headers, **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            try:
                connection.request(method, target, body=content, headers=sent)
                answer = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                raise ApiUnavailable(
                    f"{self.where} did not answer: {error or type(error).__name__}"
                ) from error
            if answer.status >= 400:
                raise self._refused(method, path, answer)
            yield answer
        finally:
            connection.close()

    def _refused(
        self, method: str, path: str, answer: http.client.HTTPResponse
    ) -> Refused:
        text = self._read(answer).decode("utf-8", "replace")
        try:
            found = json.loads(text)
            told = str(found.get("message") or found)
        except (ValueError, AttributeError):
            told = text
        said = f"{method} {path} was answered {answer.status}: {told[:500]}"
        return Refused(f"{self.where}: {said}", answer.status)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        try:
            return answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ApiUnavailable(f"{self.where} broke off: {error}") from error
