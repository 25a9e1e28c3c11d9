"""The one way out: HTTP requests with retries, credentials and clear errors.

httpx is imported when the first request is made, never before.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orion._version import __version__
from orion.client.connecting import Clients, LostRequest
from orion.exceptions import ApiUnreachable, HTTPStatusError, IncompatibleApi

if TYPE_CHECKING:
    from orion.settings import Settings

API_VERSION = "0.8.4"
RETRIED = frozenset({408, 425, 429, 502, 503, 504})
SLOWEST_PAUSE, LONGEST_TRYING = 10.0, 60.0
_LONGEST_QUOTE = 500


class Response:
    """What the server answered: status, headers and body."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.status, self.content, self.headers = status, content, headers

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body read as JSON; an empty body is None."""
        try:
            return json.loads(self.content) if self.content else None
        except ValueError as error:
            raise IncompatibleApi(
                f"The answer is no JSON but begins with {self.text[:40]!r}: "
                "does ORION_API_URL end in /api?"
            ) from error


class Transport:
    """A pool of kept-alive connections to one API; safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        pause: Callable[[float], object] = time.sleep,
        dice: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._pause, self._dice, self._clock = pause, dice, clock
        self._lock = threading.Lock()
        self._clients: Clients | None = None
        self._csrf: dict[str, str] = {}
        self._is_version_checked = False

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    @property
    def url(self) -> str:
        """The API root without a slash at its end."""
        return (self.settings.api.url or "").rstrip("/")

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        retry: bool = True,
        timeout: float | None = None,
    ) -> Response:
        """Send one request and give the answer; 4xx and 5xx raise HTTPStatusError."""
        content = None if json is None else encode(json)
        tries = max(1, self.settings.api.retries) if retry else 1
        until = self._clock() + LONGEST_TRYING
        for attempt in range(1, tries + 1):
            try:
                answer = self._send(method, path, content, timeout)
            except LostRequest as error:
                rest = self._rest(attempt, None)
                if attempt == tries or self._clock() + rest > until:
                    raise self._unreachable(error, attempt) from error.__cause__
            else:
                if answer.status < 300:
                    return answer
                rest = self._rest(attempt, answer.headers.get("retry-after"))
                is_last = attempt == tries or self._clock() + rest > until
                if answer.status not in RETRIED or is_last:
                    raise self._refused(method, path, answer)
            self._pause(rest)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Drop the connections; the next request opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, None
        if clients is not None and clients.pid == os.getpid():
            clients.close()

    def _send(
        self, method: str, path: str, content: bytes | None, timeout: float | None
    ) -> Response:
        answer = self._once(method, path, content, timeout)
        if answer.status == 403 and b"CSRF" in answer.content:
            self._fetch_csrf_token()
            answer = self._once(method, path, content, timeout)
        return answer

    def _once(
        self, method: str, path: str, content: bytes | None, timeout: float | None
    ) -> Response:
        import httpx

        limit: Any = httpx.USE_CLIENT_DEFAULT
        if timeout is not None:
            connect = min(timeout, self.settings.api.connect_timeout)
            limit = httpx.Timeout(timeout, connect=connect)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        try:
            with self._open().one() as client:
                raw = client.request(
                    method,
                    self.url + path,
                    content=content,
                    headers={**headers, **self._csrf},
                    timeout=limit,
                )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise LostRequest(str(error) or type(error).__name__) from error
        answer = Response(raw.status_code, raw.content, raw.headers)
        self._check_version(answer)
        return answer

    def _open(self) -> Clients:
        """The clients of this process: a forked child never shares its parent's."""
        clients = self._clients
        if clients is not None and clients.pid == os.getpid():
            return clients
        with self._lock:
            if self._clients is None or self._clients.pid != os.getpid():
                if not self.url.startswith(("http://", "https://")):
                    found = repr(self.url) if self.url else "no address"
                    raise ApiUnreachable(
                        f"Wanted the API's address, found {found}: set ORION_API_URL, "
                        "for example to http://127.0.0.1:4200/api"
                    )
                self._clients = Clients(self.settings.api, self.url, identity())
            return self._clients

    def _rest(self, attempt: int, retry_after: str | None) -> float:
        """How long to wait: what the server asked for, else back-off with jitter."""
        if retry_after is not None:
            try:
                return max(0.0, float(retry_after))
            except ValueError:
                pass
        return float(min(SLOWEST_PAUSE, 0.5 * 2**attempt) * self._dice())

    def _fetch_csrf_token(self) -> None:
        """Ask for a token once the server has said that it wants one."""
        client_id = str(uuid.uuid4())
        answer = self._once("GET", f"/csrf-token?client={client_id}", None, None)
        if answer.status == 200:
            self._csrf = {
                "Prefect-Csrf-Client": client_id,
                "Prefect-Csrf-Token": str(answer.json()["token"]),
            }

    def _check_version(self, answer: Response) -> None:
        if self._is_version_checked:
            return
        self._is_version_checked = True
        theirs = answer.headers.get("orion-api-version")
        if theirs and theirs.split(".")[0] != API_VERSION.split(".")[0]:
            raise IncompatibleApi(
                f"This SDK speaks API {API_VERSION}, the server at {self.url} "
                f"speaks {theirs}: install an SDK of the server's version"
            )

    def _unreachable(self, error: Exception, tries: int) -> ApiUnreachable:
        times = "once" if tries == 1 else f"{tries} times"
        return ApiUnreachable(
            f"The API at {self.url} did not answer (tried {times}): {error}. "
            "Is the server running, and is ORION_API_URL right?"
        )

    def _refused(self, method: str, path: str, answer: Response) -> HTTPStatusError:
        where = answer.headers.get("location")
        if answer.status < 400 and where:
            said = f"it points to {where}; set ORION_API_URL to the final address"
        else:
            said = complaint(answer)
        return HTTPStatusError(
            f"{method} {path} was answered {answer.status}: {said}",
            status=answer.status,
            body=answer.text,
        )


def complaint(answer: Response) -> str:
    """What an error body says, in one line."""
    try:
        body = json.loads(answer.content)
        told = body.get("detail") or body["exception_message"]
        places = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in body.get("exception_detail") or ()
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        told, places = answer.text, []
    return " ".join(" ".join([str(told), *places]).split())[:_LONGEST_QUOTE]


def identity() -> dict[str, str]:
    """The headers that tell the server which client this is."""
    return {
        "User-Agent": f"orion/{__version__} (API {API_VERSION})",
        "X-PREFECT-API-VERSION": API_VERSION,
    }


def configured() -> Transport:
    """The API that the settings name.

    Raises:
        ApiUnreachable: they name none.
    """
    from orion.settings import settings

    chosen = settings()
    if not chosen.api.url:
        raise ApiUnreachable(
            "No API address is configured: set ORION_API_URL or give --api-url, "
            "for example http://127.0.0.1:4200/api"
        )
    return Transport(chosen)


def encode(value: object) -> bytes:
    """JSON as bytes; ids and times are written as text, NaN is refused."""
    return json.dumps(
        value, default=_as_text, allow_nan=False, separators=(",", ":")
    ).encode()


def _as_text(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
