"""Runs as Jobs of a Kubernetes cluster (batch/v1), watched to their end."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from orion.worker.infrastructure.cluster import Cluster, current
from orion.worker.infrastructure.job import InfrastructureError
from orion.worker.infrastructure.manifest import described
from orion.worker.infrastructure.watched import Watched
from orion.worker.infrastructure.wire import ApiUnavailable, Refused

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Job
    from orion.worker.ledger import Launch
    from orion.worker.output import Output

POD_SECONDS: Final = 600.0  # from the job to a pod that runs
WATCH_SECONDS: Final = 60
HOPELESS: Final = frozenset(
    {"ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError"}
)
NOT_FOUND, CONFLICT, GONE = http.client.NOT_FOUND, http.client.CONFLICT, 410


class Kubernetes:
    """Jobs of the cluster that the pod's account or the kubeconfig names."""

    kind, is_here = "kubernetes", False

    def launch(self, job: Job, output: Output) -> ClusterJob:
        """Describe the job; it is made when it is let go."""
        cluster = current()
        manifest = described(job, cluster.namespace)
        meta = manifest["metadata"]
        wait = float(job.variables.get("pod_watch_timeout_seconds") or POD_SECONDS)
        name = f"{meta['namespace']}:{meta['name']}"
        return ClusterJob(cluster, name, output, manifest=manifest, pod_seconds=wait)

    def attach(self, launch: Launch, output: Output) -> ClusterJob:
        """The job of that namespace and name, its output from now on."""
        return ClusterJob(current(), launch.identifier or ":", output)


class ClusterJob(Watched):
    """One Job and its pod, from the manifest to the exit code."""

    kind = "kubernetes"

    def __init__(
        self,
        cluster: Cluster,
        identifier: str,
        output: Output,
        *,
        manifest: Mapping[str, Any] | None = None,
        pod_seconds: float = POD_SECONDS,
    ) -> None:
        self._api, self._manifest = cluster.api, manifest
        self._pod_seconds, self._has_read = pod_seconds, False
        namespace, _, self._name = identifier.partition(":")
        self._jobs = f"/apis/batch/v1/namespaces/{quote(namespace)}/jobs"
        self._pods = f"/api/v1/namespaces/{quote(namespace)}/pods"
        super().__init__(identifier, output, is_adopted=manifest is None)

    def begin(self) -> None:
        """Make the job; one of that name is ours, made by a request that was lost."""
        for _ in range(5):
            try:
                self._api.call("POST", self._jobs, self._manifest)
            except ApiUnavailable:
                continue
            except Refused as error:
                if error.status != CONFLICT:
                    raise
            return
        self._api.call("POST", self._jobs, self._manifest)

    def follow(self) -> bool:
        """Wait for its pod, pass on what that prints, then wait for the job's end."""
        try:
            pod = self._started_pod()
            if pod is not None:
                self._read_output(pod)
            self._await_end()
        except Refused as error:
            if error.status == GONE:
                return False  # the watch is too old: begin again from a list
            if error.status != NOT_FOUND:
                raise
        self._learn_code()
        return True

    def ask_to_end(self, *, hard: bool, grace: float) -> None:
        """End its pods, which takes all their processes along."""
        seconds = 0 if hard else max(1, round(grace))
        for pod in self._own_pods():
            name = quote(pod["metadata"]["name"])
            self._delete(f"{self._pods}/{name}", seconds)
        if hard:
            self.remove()

    def remove(self) -> None:
        """Delete the job and its pods, unless the cluster does that by itself."""
        spec = (self._manifest or {}).get("spec") or {}
        if spec.get("ttlSecondsAfterFinished") is None or not self.has_gone():
            self._delete(f"{self._jobs}/{quote(self._name)}")

    def _delete(self, path: str, grace: int | None = None) -> None:
        options: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
        }
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        try:
            self._api.call("DELETE", path, options)
        except Refused as error:
            if error.status != NOT_FOUND:
                raise

    def _own_pods(self) -> list[dict[str, Any]]:
        found = self._api.call("GET", self._pods, query=self._of_job)
        return list(found.get("items") or [])

    @property
    def _of_job(self) -> dict[str, object]:
        return {"labelSelector": f"job-name={self._name}"}

    def _started_pod(self) -> dict[str, Any] | None:
        """The pod once its container runs or ran; None if the job ends without one."""
        why = "no pod was made"
        query = {**self._of_job, "timeoutSeconds": round(self._pod_seconds)}
        for pod in self._changes(self._pods, query):
            status = pod.get("status") or {}
            if status.get("phase") in ("Running", "Succeeded", "Failed"):
                return pod
            reason, why = _waiting(status, why)
            if reason in HOPELESS:
                break
        else:
            if not self.may_begin or self._is_over():
                return None
        self._delete(f"{self._jobs}/{quote(self._name)}")
        raise InfrastructureError(
            f"The pod of the job did not start within {self._pod_seconds:.0f} s: {why}"
        )

    def _await_end(self) -> None:
        query = {"fieldSelector": f"metadata.name={self._name}"}
        while not self._is_over():
            watch = {**query, "timeoutSeconds": WATCH_SECONDS}
            for job in self._changes(self._jobs, watch):
                if _has_ended(job):
                    return

    def _is_over(self) -> bool:
        return _has_ended(self._api.call("GET", f"{self._jobs}/{quote(self._name)}"))

    def _changes(
        self, path: str, query: Mapping[str, object]
    ) -> Iterator[dict[str, Any]]:
        """What is there now, then each change, until the time of the watch is over."""
        plain = {k: v for k, v in query.items() if k != "timeoutSeconds"}
        found = self._api.call("GET", path, query=plain)
        yield from found.get("items") or []
        version = (found.get("metadata") or {}).get("resourceVersion") or "0"
        watch = {**query, "watch": "true", "resourceVersion": version}
        with self._api.stream("GET", path, query=watch) as answer:
            for line in _lines(answer):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    code = int(event["object"].get("code") or GONE)
                    raise Refused(str(event["object"].get("message")), code)
                if event["type"] == "DELETED":
                    raise Refused("It was deleted", NOT_FOUND)
                if event["type"] != "BOOKMARK":
                    yield event["object"]

    def _read_output(self, pod: Mapping[str, Any]) -> None:
        """Both streams are one here: the cluster does not keep them apart."""
        path = f"{self._pods}/{quote(pod['metadata']['name'])}/log"
        query: dict[str, object] = {
            "follow": "true",
            "container": pod["spec"]["containers"][0]["name"],
        }
        if self.is_adopted or self._has_read:
            query["sinceSeconds"] = 1
        with (
            self._api.stream("GET", path, query=query) as answer,
            self.output.err.open_for_child() as file,
        ):
            self._has_read = True
            for line in _lines(answer):
                file.write(line)
                file.flush()

    def _learn_code(self) -> None:
        for pod in self._own_pods():
            for each in (pod.get("status") or {}).get("containerStatuses") or []:
                ended = (each.get("state") or {}).get("terminated")
                if ended is not None:
                    self.code = int(ended["exitCode"])
                    return


def _lines(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        yield from answer
    except (OSError, http.client.HTTPException) as error:
        raise ApiUnavailable(f"The cluster broke off: {error}") from error


def _waiting(status: Mapping[str, Any], otherwise: str) -> tuple[str, str]:
    """Why the pod does not run yet, as its container or the scheduler has it."""
    for each in status.get("containerStatuses") or []:
        if waiting := (each.get("state") or {}).get("waiting"):
            reason = str(waiting.get("reason") or "")
            return reason, f"{reason}: {waiting.get('message') or ''}".strip(": ")
    for each in status.get("conditions") or []:
        if each.get("status") == "False" and each.get("message"):
            return str(each.get("reason")), str(each["message"])
    return "", otherwise


def _has_ended(job: Mapping[str, Any]) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or []
    return any(
        each["type"] in ("Complete", "Failed") and each["status"] == "True"
        for each in conditions
    )
