"""Names of runs from templates and functions; a bad one never fails the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from orion.engine.outcomes import describe


def rendered(
    template: str | Callable[..., str],
    parameters: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> str | None:
    """The name, or None (and a warning) if the template cannot be filled."""
    try:
        if callable(template):
            wants_parameters = _takes_argument(template)
            return str(template(parameters) if wants_parameters else template())
        values = {
            "date": datetime.now(UTC),
            **facts,
            "parameters": parameters,
            **parameters,
        }
        return template.format(**values)
    except Exception as error:
        from orion.logs import get_logger

        get_logger("engine").warning(
            "The run name %r cannot be made (%s); a generated one is used",
            template,
            describe(error),
        )
        return None


def _takes_argument(function: Callable[..., str]) -> bool:
    import inspect

    return len(inspect.signature(function).parameters) > 0
