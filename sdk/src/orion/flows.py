"""`@flow`: a function whose run is observed, with everything it starts."""

from __future__ import annotations

from orion._functions import Decorated
from orion._typing import TYPE_CHECKING, Any, Coroutine, Generic, P, R, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Concatenate, Literal, ParamSpec, TypeVar
    from uuid import UUID

    from orion.client.deployments import Deployment
    from orion.engine.retries import Backoff
    from orion.engine.runs import FlowRun
    from orion.states import State
    from orion.task_runners.base import TaskRunner

    Q = ParamSpec("Q")
    S = TypeVar("S")
    H = TypeVar("H", bound="FlowHook")
    FlowHook = Callable[["Flow[..., Any]", FlowRun, State[Any]], Any]
    FlowRetryCondition = Callable[["Flow[..., Any]", FlowRun, State[Any]], bool]
    RetryDelay = float | Sequence[float] | Callable[[int], Sequence[float]] | Backoff
    RunName = str | Callable[[], str] | Callable[[Mapping[str, Any]], str]
    FinalState = Literal["return", "all_tasks"]

FINAL_STATES = ("return", "all_tasks")


class Flow(Decorated, Generic[P, R]):
    """A function that runs as a flow."""

    KIND = "flow"
    DEFAULTS = {
        "name": None,
        "description": None,
        "version": None,
        "tags": None,
        "flow_run_name": None,
        "retries": None,
        "retry_delay_seconds": None,
        "retry_jitter_factor": None,
        "retry_condition_fn": None,
        "timeout_seconds": None,
        "task_runner": None,
        "validate_parameters": True,
        "log_prints": None,
        "final_state": "return",
        "on_running": (),
        "on_completion": (),
        "on_failure": (),
        "on_crashed": (),
        "on_cancellation": (),
    }
    flow_run_name: RunName | None
    task_runner: TaskRunner | None
    validate_parameters: bool
    final_state: FinalState

    def __init__(self, fn: Callable[..., Any], **options: Any) -> None:
        super().__init__(fn, **options)
        if self.final_state not in FINAL_STATES:
            raise ValueError(
                f"final_state is 'return' or 'all_tasks', not {self.final_state!r}"
            )
        self._version: str | None = options.get("version")

    def _default_name(self, bare: Callable[..., Any]) -> str:
        return super()._default_name(bare).replace("_", "-")

    @property
    def version(self) -> str | None:
        """As given, or a short hash of the file that defines the function."""
        if self._version is None:
            from orion.engine.sources import version_of

            self._version = version_of(self.fn)
        return self._version

    @version.setter
    def version(self, version: str | None) -> None:
        self._version = version

    @property
    def entrypoint(self) -> str:
        """Where the flow is found: `file.py:name`."""
        from orion.engine.sources import entrypoint_of

        return entrypoint_of(self.fn)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it here and now."""
        from orion.engine import flow_run

        value: R = flow_run.call(self, args, kwargs)
        return value

    def as_state(self, *args: P.args, **kwargs: P.kwargs) -> State[R]:
        """Run it here and now; its final state instead of its value."""
        from orion.engine import flow_run

        return flow_run.call_for_state(self, args, kwargs)

    def validate(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Check and coerce parameters without running anything."""
        from orion.engine import params

        return params.validated(self, dict(parameters))

    def parameter_schema(self) -> dict[str, Any]:
        """The parameters as JSON schema, for forms."""
        from orion.engine import schemas

        return schemas.schema_of(self)

    def to_deployment(self, name: str, **options: Any) -> Deployment:
        """This flow with how it is to be run; see `orion.deployments.to_deployment`."""
        from orion.deployments import to_deployment

        return to_deployment(self, name, **options)

    def deploy(self, name: str, **options: Any) -> UUID:
        """Tell the server how agents run it; the deployment's id."""
        from uuid import UUID

        return UUID(self.to_deployment(name, **options).apply()["id"])

    def serve(
        self,
        name: str | None = None,
        *,
        limit: int | None = None,
        pause_on_shutdown: bool = True,
        **options: Any,
    ) -> int:
        """Run it here whenever it is due, until stopped; see `orion.serve`."""
        from orion.deployments import serve

        served = self.to_deployment(name or self.name, **options)
        return serve(served, limit=limit, pause_on_shutdown=pause_on_shutdown)

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

    def on_crashed(self, hook: H) -> H:
        """Call this function when a run has crashed."""
        self._add_hook("on_crashed", hook)
        return hook

    def on_cancellation(self, hook: H) -> H:
        """Call this function when a run was cancelled."""
        self._add_hook("on_cancellation", hook)
        return hook

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Flow[P, R]: ...
    @overload
    def __get__(
        self: Flow[Concatenate[S, Q], R], instance: S, owner: type[Any]
    ) -> Flow[Q, R]: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """As a method: the flow with `self` bound."""
        if instance is None or not hasattr(self.fn, "__get__"):
            return self
        bound = self.with_options()
        bound.fn = self.fn.__get__(instance, owner)
        return bound


class AsyncFlow(Flow[P, Coroutine[Any, Any, R]], Generic[P, R]):
    """An `async def` that runs as a flow."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
        """A coroutine that runs it in the loop of whoever awaits it."""
        from orion.engine import flow_run

        return flow_run.acall(self, args, kwargs)

    def as_state(  # type: ignore[override]
        self, *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, State[R]]:
        """A coroutine for the final state instead of the value."""
        from orion.engine import flow_run

        return flow_run.acall_for_state(self, args, kwargs)

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> AsyncFlow[P, R]: ...
    @overload
    def __get__(
        self: AsyncFlow[Concatenate[S, Q], R], instance: S, owner: type[Any]
    ) -> AsyncFlow[Q, R]: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """As a method: the flow with `self` bound."""
        return Flow.__get__(self, instance, owner)


class Configured:
    """`@flow(...)` before it has met its function."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    @overload
    def __call__(
        self, fn: Callable[P, Coroutine[Any, Any, R]], /
    ) -> AsyncFlow[P, R]: ...
    @overload
    def __call__(self, fn: Callable[P, R], /) -> Flow[P, R]: ...
    def __call__(self, fn: Any, /) -> Any:
        made: Flow[..., Any] = Flow(fn, **self._options)
        return AsyncFlow(fn, **self._options) if made.isasync else made


@overload
def flow(fn: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncFlow[P, R]: ...
@overload
def flow(fn: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(
    *,
    name: str | None = None,
    description: str | None = None,
    version: str | None = None,
    tags: Iterable[str] | None = None,
    flow_run_name: RunName | None = None,
    retries: int | None = None,
    retry_delay_seconds: RetryDelay | None = None,
    retry_jitter_factor: float | None = None,
    retry_condition_fn: FlowRetryCondition | None = None,
    timeout_seconds: float | None = None,
    task_runner: TaskRunner | None = None,
    validate_parameters: bool = True,
    log_prints: bool | None = None,
    final_state: FinalState = "return",
    on_running: Sequence[FlowHook] = (),
    on_completion: Sequence[FlowHook] = (),
    on_failure: Sequence[FlowHook] = (),
    on_crashed: Sequence[FlowHook] = (),
    on_cancellation: Sequence[FlowHook] = (),
) -> Configured: ...
def flow(fn: Any = None, /, **options: Any) -> Any:
    """Make a function a flow; with or without options."""
    configured = Configured(options)
    return configured if fn is None else configured(fn)
