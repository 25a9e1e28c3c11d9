"""Opens an httpx client from our settings: credentials, proxies, TLS, time limits."""

from __future__ import annotations

import base64
import contextlib
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

    import httpx

    from orion.settings import ApiSettings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
CONNECTIONS = 4


class LostRequest(Exception):
    """The request may not have reached the server, or its answer was lost."""


class Clients:
    """A few httpx clients, each lent to one thread at a time.

    httpx's own pool can close a connection that another thread has just been
    given when more threads than connections ask at once.
    """

    def __init__(self, api: ApiSettings, url: str, identity: Mapping[str, str]) -> None:
        self._options = _options(api, url, identity)
        self._idle: list[httpx.Client] = []
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        self._is_closed = False
        self.pid = os.getpid()

    @contextlib.contextmanager
    def one(self) -> Iterator[httpx.Client]:
        """The client used last, so that few connections stay open when few are used."""
        import httpx

        with self._free:
            client = self._idle.pop() if self._idle else httpx.Client(**self._options)
            try:
                yield client
            finally:
                self._idle.append(client)
                if self._is_closed:
                    self.close()

    def close(self) -> None:
        """Close what is not in use; what is in use closes when it comes back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()


def _options(api: ApiSettings, url: str, identity: Mapping[str, str]) -> dict[str, Any]:
    """Our settings mapped onto httpx's own."""
    import httpx

    is_plain_loopback = url.startswith("http://") and _host(url) in LOOPBACK
    options: dict[str, Any] = {
        "headers": {**identity, **credentials(api), **api.headers},
        "timeout": httpx.Timeout(api.request_timeout, connect=api.connect_timeout),
        "verify": False if is_plain_loopback else _tls(api),
        "trust_env": api.proxy != "none",
    }
    if api.proxy and api.proxy != "none":
        options["proxy"] = api.proxy
    elif not api.proxy:
        # A proxy from the environment cannot reach this machine's own loopback.
        options["mounts"] = {f"all://{host}": None for host in LOOPBACK}
    return options


def credentials(api: ApiSettings) -> dict[str, str]:
    """The Authorization header: a key goes before a user and password."""
    if api.key:
        return {"Authorization": f"Bearer {api.key}"}
    if api.auth_string:
        coded = base64.b64encode(api.auth_string.encode()).decode()
        return {"Authorization": f"Basic {coded}"}
    return {}


def _host(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def _tls(api: ApiSettings) -> ssl.SSLContext | bool:
    if not api.tls_verify:
        warnings.warn(
            "TLS certificates are not checked: ORION_API_TLS_VERIFY is false",
            stacklevel=2,
        )
        return False
    import httpx

    context = httpx.create_ssl_context()
    if api.ca_file:
        context.load_verify_locations(cafile=api.ca_file)
    if api.cert_file:
        context.load_cert_chain(api.cert_file, api.key_file)
    return context
