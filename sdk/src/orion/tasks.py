"""`@task`: a function whose calls are observed, retried and submitted."""

from __future__ import annotations

from orion._functions import Decorated
from orion._typing import TYPE_CHECKING, Any, Coroutine, Generic, P, R, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import timedelta
    from typing import Concatenate, ParamSpec, Self, TypeVar

    from orion.cache_policies import CachePolicy
    from orion.context import TaskRunContext
    from orion.engine.retries import Backoff
    from orion.engine.runs import TaskRun
    from orion.futures import Future, FutureList
    from orion.states import State

    Q = ParamSpec("Q")
    S = TypeVar("S")
    H = TypeVar("H", bound="TaskHook")
    TaskHook = Callable[["Task[..., Any]", TaskRun, State[Any]], Any]
    TaskRetryCondition = Callable[["Task[..., Any]", TaskRun, State[Any]], bool]
    RetryDelay = float | Sequence[float] | Callable[[int], Sequence[float]] | Backoff
    RunName = str | Callable[[], str] | Callable[[Mapping[str, Any]], str]
    CacheKey = Callable[[TaskRunContext, Mapping[str, Any]], str | None]


class Task(Decorated, Generic[P, R]):
    """A function that runs as a task."""

    KIND = "task"
    DEFAULTS = {
        "name": None,
        "description": None,
        "version": None,
        "tags": None,
        "task_run_name": None,
        "retries": None,
        "retry_delay_seconds": None,
        "retry_jitter_factor": None,
        "retry_condition_fn": None,
        "retry_on": None,
        "timeout_seconds": None,
        "cache_policy": None,
        "cache_key_fn": None,
        "cache_expiration": None,
        "refresh_cache": None,
        "persist_result": None,
        "log_prints": None,
        "validate_parameters": False,
        "on_running": (),
        "on_completion": (),
        "on_failure": (),
    }
    version: str | None
    task_run_name: RunName | None
    retry_on: type[BaseException] | tuple[type[BaseException], ...] | None
    cache_policy: CachePolicy | None
    cache_key_fn: CacheKey | None
    cache_expiration: timedelta | float | None
    refresh_cache: bool | None
    persist_result: bool | None
    validate_parameters: bool

    def __init__(self, fn: Callable[..., Any], **options: Any) -> None:
        super().__init__(fn, **options)
        self._after: tuple[Any, ...] = ()
        if self.cache_key_fn is not None and self.persist_result is False:
            raise ValueError(
                "A cached task keeps its result: drop persist_result=False"
            )

    @property
    def task_key(self) -> str:
        """What identifies the task between runs."""
        return f"{self.__module__}.{self.__qualname__}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it here and now."""
        from orion.engine import task_run

        value: R = task_run.call(self, args, kwargs)
        return value

    def as_state(self, *args: P.args, **kwargs: P.kwargs) -> State[R]:
        """Run it here and now; its final state instead of its value."""
        from orion.engine import task_run

        return task_run.call_for_state(self, args, kwargs)

    def submit(self, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Hand it to the flow's task runner."""
        from orion.engine import task_run

        return task_run.submit(self, args, kwargs)

    def map(self, *args: Any, **kwargs: Any) -> FutureList[R]:
        """Submit one run for each element of the iterable arguments."""
        from orion.engine import mapping

        return mapping.map_task(self, args, kwargs)

    def after(self, *upstreams: Any) -> Task[P, R]:
        """The same task, whose runs start when these futures have ended."""
        ordered = self.with_options()
        ordered._after = (*self._after, *upstreams)
        return ordered

    def with_options(self, **changes: Any) -> Self:
        """A copy with other options; this one stays as it is."""
        changed = super().with_options(**changes)
        changed._after = self._after
        return changed

    def on_running(self, hook: H) -> H:
        """Call this function when a run starts."""
        self._add_hook("on_running", hook)
        return hook

    def on_completion(self, hook: H) -> H:
        """Call this function when a run has completed."""
        self._add_hook("on_completion", hook)
        return hook

    def on_failure(self, hook: H) -> H:
        """Call this function when a run has failed for good."""
        self._add_hook("on_failure", hook)
        return hook

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Task[P, R]: ...
    @overload
    def __get__(
        self: Task[Concatenate[S, Q], R], instance: S, owner: type[Any]
    ) -> Task[Q, R]: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """As a method: the task with `self` bound."""
        if instance is None or not hasattr(self.fn, "__get__"):
            return self
        bound = self.with_options()
        bound.fn = self.fn.__get__(instance, owner)
        return bound


class AsyncTask(Task[P, Coroutine[Any, Any, R]], Generic[P, R]):
    """An `async def` that runs as a task."""

    if TYPE_CHECKING:

        def submit(  # type: ignore[override]
            self, *args: P.args, **kwargs: P.kwargs
        ) -> Future[R]: ...
        def map(self, *args: Any, **kwargs: Any) -> FutureList[R]: ...  # type: ignore[override]
        def after(self, *upstreams: Any) -> AsyncTask[P, R]: ...

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
        """A coroutine that runs it in the loop of whoever awaits it."""
        from orion.engine import task_run

        return task_run.acall(self, args, kwargs)

    def as_state(  # type: ignore[override]
        self, *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, State[R]]:
        """A coroutine for the final state instead of the value."""
        from orion.engine import task_run

        return task_run.acall_for_state(self, args, kwargs)

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> AsyncTask[P, R]: ...
    @overload
    def __get__(
        self: AsyncTask[Concatenate[S, Q], R], instance: S, owner: type[Any]
    ) -> AsyncTask[Q, R]: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """As a method: the task with `self` bound."""
        return Task.__get__(self, instance, owner)


class Configured:
    """`@task(...)` before it has met its function."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    @overload
    def __call__(
        self, fn: Callable[P, Coroutine[Any, Any, R]], /
    ) -> AsyncTask[P, R]: ...
    @overload
    def __call__(self, fn: Callable[P, R], /) -> Task[P, R]: ...
    def __call__(self, fn: Any, /) -> Any:
        made: Task[..., Any] = Task(fn, **self._options)
        return AsyncTask(fn, **self._options) if made.isasync else made


@overload
def task(fn: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncTask[P, R]: ...
@overload
def task(fn: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(
    *,
    name: str | None = None,
    description: str | None = None,
    version: str | None = None,
    tags: Iterable[str] | None = None,
    task_run_name: RunName | None = None,
    retries: int | None = None,
    retry_delay_seconds: RetryDelay | None = None,
    retry_jitter_factor: float | None = None,
    retry_condition_fn: TaskRetryCondition | None = None,
    retry_on: type[BaseException] | tuple[type[BaseException], ...] | None = None,
    timeout_seconds: float | None = None,
    cache_policy: CachePolicy | None = None,
    cache_key_fn: CacheKey | None = None,
    cache_expiration: timedelta | float | None = None,
    refresh_cache: bool | None = None,
    persist_result: bool | None = None,
    log_prints: bool | None = None,
    validate_parameters: bool = False,
    on_running: Sequence[TaskHook] = (),
    on_completion: Sequence[TaskHook] = (),
    on_failure: Sequence[TaskHook] = (),
) -> Configured: ...
def task(fn: Any = None, /, **options: Any) -> Any:
    """Make a function a task; with or without options."""
    configured = Configured(options)
    return configured if fn is None else configured(fn)


def task_input_hash(
    context: TaskRunContext, parameters: Mapping[str, Any]
) -> str | None:
    """A `cache_key_fn`: equal inputs, equal key."""
    from orion.cache_policies import INPUTS

    return INPUTS.key(context, parameters)
