"""The Kubernetes Job of a run: the pool's manifest, and what no run can do without."""

from __future__ import annotations

import copy
import re
import secrets
from typing import TYPE_CHECKING, Any, Final

from orion.worker.infrastructure.job import InfrastructureError

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Job

ENGINE: Final = ["python", "-m", "orion.engine"]
LABEL: Final = "orion.io/flow-run-id"
MEASURED: Final = ("cpu", "memory")


def described(job: Job, namespace: str) -> dict[str, Any]:
    """The Job to be made: the pool's manifest, with what no run can do without."""
    v = job.variables
    manifest: dict[str, Any] = copy.deepcopy(dict(v.get("job_manifest") or {}))
    manifest["apiVersion"], manifest["kind"] = "batch/v1", "Job"
    meta = _section(manifest, "metadata")
    meta.pop("generateName", None)
    meta["namespace"] = str(v.get("namespace") or meta.get("namespace") or namespace)
    meta["name"] = f"{_slug(job.name)}-{job.flow_run_id[:8]}-{secrets.token_hex(2)}"
    labels = {str(k): _label(x) for k, x in (v.get("labels") or {}).items()}
    meta["labels"] = {**(meta.get("labels") or {}), **labels, LABEL: job.flow_run_id}
    spec = _section(manifest, "spec")
    spec["backoffLimit"] = 0  # whether a run is tried again is for the server to say
    if v.get("finished_job_ttl") is not None:
        spec["ttlSecondsAfterFinished"] = int(v["finished_job_ttl"])
    template = _section(spec, "template")
    _section(template, "metadata").setdefault("labels", {})[LABEL] = job.flow_run_id
    pod = _section(template, "spec")
    pod["restartPolicy"] = "Never"
    for key, name in (
        ("service_account_name", "serviceAccountName"),
        ("node_selector", "nodeSelector"),
        ("volumes", "volumes"),
        ("image_pull_secrets", "imagePullSecrets"),
    ):
        if v.get(key):
            pod[name] = v[key]
    containers = pod.setdefault("containers", [{}])
    _fill_container(containers[0], job)
    return manifest


def _fill_container(container: dict[str, Any], job: Job) -> None:
    v = job.variables
    container.setdefault("name", "orion-job")
    image = v.get("image") or container.get("image")
    if not image:
        raise InfrastructureError(
            "The job names no image: set the job variable `image` of the pool, the "
            "deployment or the run"
        )
    container["image"] = str(image)
    container.pop("command", None)
    container["args"] = list(job.command) or ENGINE
    given = container.get("env")
    kept = (
        [each for each in given or [] if each.get("name") not in job.env]
        if (isinstance(given, list))
        else []
    )
    container["env"] = [*kept, *({"name": k, "value": x} for k, x in job.env.items())]
    if v.get("working_dir"):
        container["workingDir"] = str(v["working_dir"])
    if v.get("image_pull_policy"):
        container["imagePullPolicy"] = str(v["image_pull_policy"])
    if v.get("volume_mounts"):
        container["volumeMounts"] = v["volume_mounts"]
    resources = {
        kind: {
            n: str(v[f"{n}_{word}"]) for n in ("cpu", "memory") if v.get(f"{n}_{word}")
        }
        for kind, word in (("requests", "request"), ("limits", "limit"))
    }
    if asked := {kind: each for kind, each in resources.items() if each}:
        container["resources"] = {**(container.get("resources") or {}), **asked}


def _section(parent: dict[str, Any], name: str) -> dict[str, Any]:
    found = parent.get(name)
    if not isinstance(found, dict):
        found = parent[name] = {}
    return found


def _label(value: object) -> str:
    """A label's value: at most 63 letters, digits, dots, dashes, underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", str(value))[:63].strip("-._")


def _slug(name: str) -> str:
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return (text or "run")[:40].strip("-")
