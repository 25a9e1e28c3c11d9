"""Runs as containers of a Docker Engine, or of whatever speaks its API (podman)."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

from orion.worker.infrastructure.job import InfrastructureError
from orion.worker.infrastructure.watched import Watched
from orion.worker.infrastructure.wire import Api, Refused, UnixConnection

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Job
    from orion.worker.ledger import Launch
    from orion.worker.output import Output

VERSION: Final = "/v1.41"
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
ENGINE: Final = ["python", "-m", "orion.engine"]
GATEWAY: Final = "host.docker.internal"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
KEEP: Final = "io.orion.keep"
PULL_SECONDS: Final = 1800.0
STDERR: Final = 2


class Docker:
    """Containers of the engine that DOCKER_HOST names."""

    kind, is_here = "docker", False

    def launch(self, job: Job, output: Output) -> Container:
        """Describe the container; it is made when it is let go."""
        api = engine(os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
        wanted = description(job)
        name = f"{_slug(job.name)}-{job.flow_run_id[:8]}-{secrets.token_hex(2)}"
        return Container(api, name, output, wanted=wanted, variables=job.variables)

    def attach(self, launch: Launch, output: Output) -> Container:
        """The container of that name, its output from now on."""
        api = engine(os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
        return Container(api, launch.identifier or "", output)


class Container(Watched):
    """One container, from its image to its exit code."""

    kind = "docker"

    def __init__(
        self,
        api: Api,
        name: str,
        output: Output,
        *,
        wanted: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        self._api, self._wanted, self._variables = api, wanted, variables or {}
        self._path = f"{VERSION}/containers/{quote(name)}"
        self._has_read = False
        super().__init__(name, output, is_adopted=wanted is None)

    def begin(self) -> None:
        """Fetch the image if that is wanted, make the container, start it."""
        wanted = dict(self._wanted or {})
        self._provide(wanted["Image"])
        if not self.may_begin:
            raise InfrastructureError("The run was stopped before it was started")
        query = {"name": self.identifier}
        self._api.call("POST", f"{VERSION}/containers/create", wanted, query=query)
        for network in (self._variables.get("networks") or [])[1:]:
            path = f"{VERSION}/networks/{quote(str(network))}/connect"
            self._api.call("POST", path, {"Container": self.identifier})
        self._api.call("POST", f"{self._path}/start")

    def follow(self) -> bool:
        """Read its output as far as it goes, then look whether it has ended."""
        try:
            state = self._api.call("GET", f"{self._path}/json")["State"]
            if state["Status"] in ("created", "configured"):
                return self.is_adopted  # its agent died before it was started
            self._read_output()
            state = self._api.call("GET", f"{self._path}/json")["State"]
        except Refused as error:
            if error.status == http.client.NOT_FOUND:
                return True
            raise
        if state["Running"] or state["Status"] == "stopping":
            return False
        self.code = int(state["ExitCode"])
        return True

    def ask_to_end(self, *, hard: bool, grace: float) -> None:
        """SIGTERM to what it runs, SIGKILL to all of it; one that is gone is fine."""
        signal = "SIGKILL" if hard else "SIGTERM"
        try:
            self._api.call("POST", f"{self._path}/kill", query={"signal": signal})
        except Refused as error:
            if error.status not in (404, 409):
                raise

    def remove(self) -> None:
        """Remove it with its nameless volumes, unless the pool wants it kept."""
        try:
            found = self._api.call("GET", f"{self._path}/json")
            if KEEP not in (found["Config"].get("Labels") or {}):
                query = {"force": "true", "v": "true"}
                self._api.call("DELETE", self._path, query=query)
        except Refused as error:
            if error.status != http.client.NOT_FOUND:
                raise

    def _provide(self, image: str) -> None:
        policy = _pull_policy(image, self._variables.get("image_pull_policy"))
        if policy == "Never" or (policy == "IfNotPresent" and self._has(image)):
            return
        name, _, tag = image.rpartition(":")
        if not name or "/" in tag or "@" in image:
            name, tag = image, "" if "@" in image else "latest"
        headers = {}
        if login := self._variables.get("registry_auth"):
            coded = base64.urlsafe_b64encode(json.dumps(login).encode()).decode()
            headers["X-Registry-Auth"] = coded
        query = {"fromImage": name, **({"tag": tag} if tag else {})}
        path = f"{VERSION}/images/create"
        with self._api.stream(
            "POST", path, query=query, headers=headers, timeout=PULL_SECONDS
        ) as answer:
            for line in answer:
                if b'"error"' in line and (told := json.loads(line).get("error")):
                    raise InfrastructureError(f"Image {image} was not pulled: {told}")

    def _has(self, image: str) -> bool:
        try:
            self._api.call("GET", f"{VERSION}/images/{quote(image)}/json")
        except Refused as error:
            if error.status == http.client.NOT_FOUND:
                return False
            raise
        return True

    def _read_output(self) -> None:
        """Frames of the engine: which stream, how long, what."""
        query = {"follow": "true", "stdout": "true", "stderr": "true"}
        if self.is_adopted or self._has_read:
            query["tail"] = "0"
        with (
            self._api.stream("GET", f"{self._path}/logs", query=query) as answer,
            self.output.out.open_for_child() as out,
            self.output.err.open_for_child() as err,
        ):
            self._has_read = True
            _split(answer, out, err)


def engine(host: str) -> Api:
    """The engine at an address as DOCKER_HOST has it."""
    parts = urlsplit(host)
    where = f"The container engine at {host}"
    if parts.scheme == "unix":
        return Api(where, lambda timeout: UnixConnection(parts.path, timeout))
    if parts.scheme in ("tcp", "http") and parts.hostname:
        address, port = parts.hostname, parts.port or 2375
        return Api(
            where, lambda t: http.client.HTTPConnection(address, port, timeout=t)
        )
    raise InfrastructureError(
        f"DOCKER_HOST should be unix:///path or tcp://host:port; found {host!r}"
    )


def description(job: Job) -> dict[str, Any]:
    """What the engine is asked to make."""
    v = job.variables
    image = v.get("image")
    if not image:
        raise InfrastructureError(
            "The job names no image: set the job variable `image` of the pool, the "
            "deployment or the run"
        )
    networks = [str(each) for each in v.get("networks") or []]
    network = str(v.get("network_mode") or (networks[0] if networks else ""))
    labels = {str(k): str(each) for k, each in (v.get("labels") or {}).items()}
    labels["io.orion.flow-run-id"] = job.flow_run_id
    if v.get("auto_remove") is False:
        labels[KEEP] = "yes"
    host: dict[str, Any] = {
        "NetworkMode": network,
        "Binds": [str(each) for each in v.get("volumes") or []],
        "Memory": _bytes(v.get("mem_limit")),
        "MemorySwap": _bytes(v.get("memswap_limit")),
        "NanoCpus": round(float(v["cpus"]) * 1e9) if v.get("cpus") else None,
        "Privileged": bool(v["privileged"]) if v.get("privileged") else None,
    }
    env = dict(job.env)
    if network != "host" and _is_loopback(env.get("ORION_API_URL", "")):
        env["ORION_API_URL"] = _through_gateway(env["ORION_API_URL"])
        host["ExtraHosts"] = [f"{GATEWAY}:host-gateway"]
    made = {
        "Image": str(image),
        "Cmd": list(job.command) or ENGINE,
        "Env": [f"{key}={value}" for key, value in env.items()],
        "Labels": labels,
        "WorkingDir": v.get("working_dir"),
        "User": v.get("user"),
        "HostConfig": {k: each for k, each in host.items() if each},
    }
    return {key: value for key, value in made.items() if value is not None}


def _split(answer: BinaryIO, out: BinaryIO, err: BinaryIO) -> None:
    try:
        while len(head := answer.read(8)) == 8:
            piece = answer.read(int.from_bytes(head[4:8], "big"))
            target = err if head[0] == STDERR else out
            target.write(piece)
            target.flush()
    except (OSError, http.client.HTTPException):
        return  # broken off: whether the container lives is asked next


def _pull_policy(image: str, wanted: object) -> str:
    """As Kubernetes has it: what moves is fetched each time."""
    if wanted in ("Always", "IfNotPresent", "Never"):
        return str(wanted)
    if wanted is not None:
        raise InfrastructureError(
            "image_pull_policy should be Always, IfNotPresent or Never; "
            f"found {wanted!r}"
        )
    last = image.rpartition("/")[2]
    is_fixed = "@" in last or (":" in last and not last.endswith(":latest"))
    return "IfNotPresent" if is_fixed else "Always"


def _bytes(value: object) -> int | None:
    """512m, 2g or a number of bytes."""
    if value is None or value == "":
        return None
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?", str(value).lower())
    if found is None:
        raise InfrastructureError(
            f"A limit of memory should look like 512m or 2g; found {value!r}"
        )
    return int(float(found[1]) * 1024 ** "bkmgt".index(found[2] or "b"))


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _through_gateway(url: str) -> str:
    """The address at which a container finds its host."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{GATEWAY}{port}").geturl()


def _slug(name: str) -> str:
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return (text or "run")[:40].strip("-")
