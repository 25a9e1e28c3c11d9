"""Plain Python functions as observed, retriable workflows.

Names are loaded when they are first used, so that importing costs nothing.
"""

from __future__ import annotations

from orion._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orion import runtime as runtime
    from orion.annotations import allow_failure as allow_failure
    from orion.annotations import quote as quote
    from orion.annotations import unmapped as unmapped
    from orion.context import get_run_context as get_run_context
    from orion.context import tags as tags
    from orion.deployments import arun_deployment as arun_deployment
    from orion.deployments import run_deployment as run_deployment
    from orion.deployments import serve as serve
    from orion.engine.retries import exponential as exponential
    from orion.engine.retries import exponential_backoff as exponential_backoff
    from orion.exceptions import Fail as Fail
    from orion.exceptions import Retry as Retry
    from orion.exceptions import Skip as Skip
    from orion.flows import Flow as Flow
    from orion.flows import flow as flow
    from orion.futures import Future as Future
    from orion.logs import get_logger as get_logger
    from orion.logs import get_run_logger as get_run_logger
    from orion.states import State as State
    from orion.tasks import Task as Task
    from orion.tasks import task as task

_HOMES = {
    "Fail": "exceptions",
    "Flow": "flows",
    "Future": "futures",
    "Retry": "exceptions",
    "Skip": "exceptions",
    "State": "states",
    "Task": "tasks",
    "allow_failure": "annotations",
    "arun_deployment": "deployments",
    "exponential": "engine.retries",
    "exponential_backoff": "engine.retries",
    "flow": "flows",
    "get_logger": "logs",
    "get_run_context": "context",
    "get_run_logger": "logs",
    "quote": "annotations",
    "run_deployment": "deployments",
    "runtime": "",
    "serve": "deployments",
    "tags": "context",
    "task": "tasks",
    "unmapped": "annotations",
}

__all__ = [
    "Fail",
    "Flow",
    "Future",
    "Retry",
    "Skip",
    "State",
    "Task",
    "__version__",
    "allow_failure",
    "arun_deployment",
    "exponential",
    "exponential_backoff",
    "flow",
    "get_logger",
    "get_run_context",
    "get_run_logger",
    "quote",
    "run_deployment",
    "runtime",
    "serve",
    "tags",
    "task",
    "unmapped",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use and keep it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'orion' has no attribute {name!r}")
    module = __import__(f"orion.{home or name}", fromlist=[name])
    found: object = getattr(module, name) if home else module
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
