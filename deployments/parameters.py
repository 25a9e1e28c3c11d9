"""Parameters of deployments and of their runs: resolved, then checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import schemas
from core.errors import Conflict, Refused
from deployments.models import Deployment


def of_run(
    deployment: Deployment, given: Mapping[str, Any], *, enforce: bool | None
) -> dict[str, Any]:
    """The deployment's parameters with those given for one run.

    Raises:
        Refused: one stands for a value that cannot be found.
        Conflict: they do not fit the deployment's schema, and it is enforced.
    """
    merged = _resolved(
        {**deployment.parameters, **given}, "Error hydrating flow run parameters"
    )
    if enforce is None:
        enforce = deployment.enforce_parameter_schema
    if enforce and deployment.parameter_openapi_schema:
        _check(merged, deployment.parameter_openapi_schema, "Error creating flow run")
    return merged


def of_deployment(
    given: Mapping[str, Any], schema: Mapping[str, Any] | None, *, enforce: bool
) -> dict[str, Any]:
    """New defaults of a deployment; those left out are asked for at each run.

    Raises:
        Refused: one stands for a value that cannot be found.
        Conflict: they do not fit the schema, or there is none to enforce.
    """
    resolved = _resolved(given, "Error hydrating deployment parameters")
    if not enforce:
        return resolved
    if schema is None:
        raise Conflict(
            "Error updating deployment: its parameter schema is enforced, but it has "
            "none. Send a parameter_openapi_schema or stop enforcing it."
        )
    _check(resolved, schema, "Error updating deployment", partial=True)
    return resolved


def _resolved(given: Mapping[str, Any], context: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = schemas.hydrate(dict(given))
    except schemas.HydrationError as error:
        raise Refused(f"{context}: {error}") from None
    return found


def _check(
    values: dict[str, Any],
    schema: Mapping[str, Any],
    context: str,
    *,
    partial: bool = False,
) -> None:
    try:
        schemas.validate(values, schema, partial=partial)
    except schemas.Mismatch as error:
        raise Conflict(f"{context}: {error}") from None
