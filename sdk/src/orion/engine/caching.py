"""Looks for a kept result before a task runs, and keeps the new one after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orion.engine.effects import Write
from orion.exceptions import HashError, SerializationError
from orion.settings import settings
from orion.states import Completed, State

if TYPE_CHECKING:
    from orion.cache_policies import CachePolicy
    from orion.context import TaskRunContext


class Cache:
    """The kept result of one task run."""

    def __init__(self, ctx: TaskRunContext, policy: CachePolicy | None) -> None:
        from orion.results import LocalStorage

        self._ctx, self._policy = ctx, policy
        self._storage = LocalStorage(settings().results.storage)
        self._key: str | None = None

    def look_up(self) -> Write:
        """An effect: the state of a hit, or None."""
        return Write(self._look_up)

    def keep(self, state: State[Any]) -> Write:
        """An effect: store the value of this state."""
        return Write(lambda: self._keep(state))

    def _look_up(self) -> State[Any] | None:
        task = self._ctx.task
        self._key = self._key_of_call()
        if self._key is None or task.refresh_cache:
            return None
        try:
            record = self._storage.read(self._key)
        except SerializationError as error:
            self._ctx.logger.warning("%s; the task runs instead", error)
            return None
        if record is None:
            return None
        state = Completed(name="Cached", data=record.value)
        state.reference = self._reference(self._key, record.header)
        return state

    def _keep(self, state: State[Any]) -> None:
        key = self._key or str(self._ctx.run.id)
        header = self._storage.write(key, state.data, expires=self._expires())
        state.reference = self._reference(key, header)

    def _key_of_call(self) -> str | None:
        if self._policy is None:
            return None
        try:
            return self._policy.key(self._ctx, self._ctx.parameters)
        except HashError as error:
            self._ctx.logger.warning("The call runs uncached: %s", error)
            return None

    def _expires(self) -> datetime | None:
        lifetime = self._ctx.task.cache_expiration
        if lifetime is None:
            return None
        if not isinstance(lifetime, timedelta):
            lifetime = timedelta(seconds=lifetime)
        return datetime.now(UTC) + lifetime

    def _reference(self, key: str, header: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "reference",
            "storage_key": key,
            "storage_block_id": None,
            "serializer_type": header["serializer"],
            "size": header["size"],
        }


def cache_of(ctx: TaskRunContext) -> Cache | None:
    """The cache of a call, or None where nothing is to be kept."""
    task = ctx.task
    keeps = task.persist_result
    if task.cache_key_fn is None and task.cache_policy is None and keeps is None:
        if not settings().results.persist_by_default:
            return None
        keeps = True
    from orion.cache_policies import DEFAULT, NO_CACHE, CacheKeyFn

    if task.cache_key_fn is not None:
        return Cache(ctx, CacheKeyFn(task.cache_key_fn))
    if task.cache_policy is not None and task.cache_policy is not NO_CACHE:
        return Cache(ctx, task.cache_policy)
    if not keeps:
        return None
    return Cache(ctx, None if task.cache_policy is NO_CACHE else DEFAULT)
