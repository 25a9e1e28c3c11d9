"""What the key of a cached result is made of; policies add and subtract."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orion.exceptions import HashError

if TYPE_CHECKING:
    from orion.context import TaskRunContext

KeyFn = Callable[["TaskRunContext", Mapping[str, Any]], "str | None"]


class CachePolicy:
    """A way to compute a key; None means: do not cache."""

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        """The key of one call."""
        raise NotImplementedError

    def __add__(self, other: CachePolicy) -> CachePolicy:
        return _Both(self, other)

    def __sub__(self, name: str) -> CachePolicy:
        return _Without(self, name)


class _NoCache(CachePolicy):
    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        return None


class _Inputs(CachePolicy):
    """The task and its arguments."""

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        return hash_of([ctx.task.task_key, dict(sorted(parameters.items()))])


class _TaskSource(CachePolicy):
    """The task's code."""

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        import inspect

        from orion._functions import bare_function

        bare = bare_function(ctx.task.fn)
        try:
            return hash_of(inspect.getsource(bare))
        except (OSError, TypeError):
            return hash_of(bare.__code__.co_code.hex())


class _RunId(CachePolicy):
    """The flow run, or the task run where there is no flow."""

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        return str(ctx.run.flow_run_id or ctx.run.id)


class _FlowParameters(CachePolicy):
    """The parameters of the flow."""

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        flow = ctx.flow_context
        return hash_of(dict(flow.parameters)) if flow is not None else None


class CacheKeyFn(CachePolicy):
    """A function of the user's."""

    def __init__(self, fn: KeyFn) -> None:
        self._fn = fn

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        return self._fn(ctx, parameters)


class _Both(CachePolicy):
    def __init__(self, first: CachePolicy, second: CachePolicy) -> None:
        self._parts = (first, second)

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        keys = [part.key(ctx, parameters) for part in self._parts]
        known = [key for key in keys if key is not None]
        return "-".join(known) if known else None


class _Without(CachePolicy):
    def __init__(self, policy: CachePolicy, name: str) -> None:
        self._policy, self._name = policy, name

    def key(self, ctx: TaskRunContext, parameters: Mapping[str, Any]) -> str | None:
        rest = {k: v for k, v in parameters.items() if k != self._name}
        return self._policy.key(ctx, rest)


def hash_of(value: Any) -> str:
    """A hash that is the same in every process: of JSON, else of pickled bytes."""
    try:
        data = json.dumps(value, sort_keys=True, allow_nan=False).encode()
    except (TypeError, ValueError):
        try:
            data = pickle.dumps(value, protocol=5)
        except Exception as error:
            raise HashError(f"No hash of {type(value).__name__}: {error}") from error
    return hashlib.sha256(data).hexdigest()


NO_CACHE = _NoCache()
INPUTS = _Inputs()
TASK_SOURCE = _TaskSource()
RUN_ID = _RunId()
FLOW_PARAMETERS = _FlowParameters()
DEFAULT = INPUTS + TASK_SOURCE + RUN_ID
