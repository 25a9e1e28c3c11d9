"""How a run is to be launched, from its pool, its deployment and itself."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orion.client import deployments
from orion.exceptions import HTTPStatusError
from orion.worker import environment, templates
from orion.worker.infrastructure.job import InfrastructureError, Job
from orion.worker.pulling import RUN_FOLDER

if TYPE_CHECKING:
    from orion.client.transport import Transport
    from orion.worker.sources import Site


def of_run(
    transport: Transport,
    run: Mapping[str, Any],
    *,
    site: Site,
    fallback: Path,
    claim: str | None = None,
) -> Job:
    """Job variables of the run go before its deployment's, these before the pool's."""
    deployment = _deployment(transport, run.get("deployment_id"))
    general = deployment.get("job_variables") or deployment.get("infra_overrides") or {}
    special = run.get("job_variables") or {}
    values = templates.variables(site.template, general, special)
    values = templates.configuration(site.template, values)
    env = values.get("env") or {}
    if site.infrastructure.is_here:
        given = environment.for_child(
            os.environ, flow_run_id=run["id"], api_url=transport.url, extra=env
        )
        given[RUN_FOLDER] = str(fallback)
    else:
        given = environment.for_elsewhere(
            transport.settings.api, flow_run_id=run["id"], extra=env
        )
    if claim is not None:
        given[environment.CLAIM] = claim
    return Job(
        flow_run_id=run["id"],
        name=run["name"],
        folder=environment.working_folder(values, deployment.get("path"), fallback),
        env=given,
        command=_command(values.get("command")),
        variables=values,
    )


def _deployment(transport: Transport, deployment_id: str | None) -> Mapping[str, Any]:
    if not deployment_id:
        return {}
    try:
        return deployments.read(transport, deployment_id)
    except HTTPStatusError as error:
        if error.status != 404:
            raise
        return {}


def _command(value: Any) -> list[str]:
    """The words of the command, if the job names one; never a shell."""
    if not value:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    try:
        return shlex.split(str(value))
    except ValueError as error:
        raise InfrastructureError(
            f"The job's command {value!r} cannot be read: {error}"
        ) from None
