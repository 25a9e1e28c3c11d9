"""How a run is to be launched: its folder and environment, from its deployment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orion.client import deployments
from orion.exceptions import HTTPStatusError
from orion.worker import environment

if TYPE_CHECKING:
    from orion.client.transport import Transport


@dataclass(frozen=True, slots=True)
class Job:
    """Working folder and environment of one process."""

    folder: Path
    env: Mapping[str, str]


def of_run(transport: Transport, run: Mapping[str, Any], *, fallback: Path) -> Job:
    """Job variables of the run go before those of its deployment."""
    deployment: Mapping[str, Any] = {}
    if run.get("deployment_id"):
        try:
            deployment = deployments.read(transport, run["deployment_id"])
        except HTTPStatusError as error:
            if error.status != 404:
                raise
    general = deployment.get("job_variables") or deployment.get("infra_overrides") or {}
    special = run.get("job_variables") or {}
    variables = {**general, **special}
    return Job(
        folder=environment.working_folder(variables, deployment.get("path"), fallback),
        env=environment.for_child(
            os.environ,
            flow_run_id=run["id"],
            api_url=transport.url,
            extra={**(general.get("env") or {}), **(special.get("env") or {})},
        ),
    )
