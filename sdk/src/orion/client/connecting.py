"""Opens an httpx client from our settings: credentials, proxies, TLS, time limits."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Mapping
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


def open_client(
    api: ApiSettings, url: str, identity: Mapping[str, str]
) -> httpx.Client:
    """A client with our settings mapped onto httpx's own."""
    import httpx

    scheme = urlsplit(url).scheme
    is_plain_loopback = scheme == "http" and _host(url) in LOOPBACK
    options: dict[str, Any] = {}
    if api.proxy and api.proxy != "none":
        options["proxy"] = api.proxy
    elif not api.proxy:
        # A proxy from the environment cannot reach this machine's own loopback.
        options["mounts"] = {f"all://{host}": None for host in LOOPBACK}
    return httpx.Client(
        headers={**identity, **credentials(api), **api.headers},
        timeout=httpx.Timeout(api.request_timeout, connect=api.connect_timeout),
        limits=httpx.Limits(
            max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS
        ),
        verify=False if is_plain_loopback else _tls(api),
        trust_env=api.proxy != "none",
        **options,
    )


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
