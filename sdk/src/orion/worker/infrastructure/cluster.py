"""Which Kubernetes cluster, and as whom: the pod's account, else the kubeconfig."""

from __future__ import annotations

import base64
import http.client
import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from orion.worker.infrastructure.job import InfrastructureError
from orion.worker.infrastructure.wire import Api

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Its API, and the namespace where jobs go that name none."""

    api: Api
    namespace: str


def current() -> Cluster:
    """The cluster this agent runs in, else the current context of the kubeconfig."""
    host = os.environ.get("KUBERNETES_SERVICE_HOST")
    if host and (ACCOUNT / "token").is_file():
        port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        shown = f"[{host}]" if ":" in host else host
        context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
        namespace = (ACCOUNT / "namespace").read_text().strip()
        return _cluster(
            f"https://{shown}:{port}", context, ACCOUNT / "token", namespace
        )
    return _of_kubeconfig(_kubeconfig())


def _cluster(
    server: str, context: ssl.SSLContext, token: Path | str | None, namespace: str
) -> Cluster:
    """A token from a file is read anew for each cluster: it changes every hour."""
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InfrastructureError(f"The cluster's address cannot be used: {server!r}")
    found = token.read_text().strip() if isinstance(token, Path) else token
    headers = {"Accept": "application/json"}
    if found:
        headers["Authorization"] = f"Bearer {found}"
    connect = _connector(parts.scheme, parts.hostname, parts.port, context)
    api = Api(f"The cluster at {server}", connect, headers=headers)
    return Cluster(api, namespace)


def _connector(
    scheme: str, host: str, port: int | None, context: ssl.SSLContext
) -> Callable[[float | None], http.client.HTTPConnection]:
    if scheme == "http":
        return lambda t: http.client.HTTPConnection(host, port, timeout=t)
    return lambda t: http.client.HTTPSConnection(host, port, timeout=t, context=context)


def _kubeconfig() -> Mapping[str, Any]:
    """The first file of KUBECONFIG, else the usual one; YAML, which JSON is as well."""
    named = (os.environ.get("KUBECONFIG") or "").split(os.pathsep)[0]
    path = Path(named) if named else Path.home() / ".kube" / "config"
    try:
        text = path.read_text()
    except OSError as error:
        raise InfrastructureError(
            f"No cluster is known: the agent runs in no pod, and {path} cannot be "
            f"read ({error.strerror})"
        ) from None
    try:
        import yaml
    except ImportError:
        raise InfrastructureError(
            f"{path} is YAML: install PyYAML beside orion, for example with "
            "pip install 'orion[kubernetes]'"
        ) from None
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InfrastructureError(f"{path} is no valid YAML: {error}") from None
    if not isinstance(found, dict):
        raise InfrastructureError(f"{path} is no kubeconfig")
    return found


def _of_kubeconfig(config: Mapping[str, Any]) -> Cluster:
    context = _named(config, "context", str(config.get("current-context") or ""))
    cluster = _named(config, "cluster", str(context.get("cluster")))
    user = _named(config, "user", str(context.get("user"))) if "user" in context else {}
    if "exec" in user or "auth-provider" in user:
        raise InfrastructureError(
            "The kubeconfig's user logs in by a program, which this agent does not "
            "run: give it a token, a client certificate, or a service account"
        )
    token = user.get("token")
    if user.get("tokenFile"):
        token = Path(user["tokenFile"])
    namespace = str(context.get("namespace") or "default")
    return _cluster(str(cluster.get("server")), _tls(cluster, user), token, namespace)


def _named(config: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    for each in config.get(f"{kind}s") or []:
        if each.get("name") == name:
            found: Mapping[str, Any] = each.get(kind) or {}
            return found
    raise InfrastructureError(f"The kubeconfig has no {kind} named {name!r}")


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if data := cluster.get("certificate-authority-data"):
        context = ssl.create_default_context(cadata=base64.b64decode(data).decode())
    elif path := cluster.get("certificate-authority"):
        context = ssl.create_default_context(cafile=str(path))
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if user.get("client-certificate"):
        context.load_cert_chain(user["client-certificate"], user.get("client-key"))
    elif data := user.get("client-certificate-data"):
        # The standard library reads certificates from files only.
        with tempfile.TemporaryDirectory(prefix="orion-") as folder:
            chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
            chain.write_bytes(base64.b64decode(data))
            key.touch(mode=0o600)
            key.write_bytes(base64.b64decode(user.get("client-key-data") or ""))
            context.load_cert_chain(chain, key)
    return context
