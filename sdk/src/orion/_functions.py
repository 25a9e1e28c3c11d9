"""What flows and tasks have in common: options, hooks, and the function itself."""

from __future__ import annotations

from orion._typing import TYPE_CHECKING, Any
from orion.exceptions import ReservedArgumentError

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Self

    from orion.states import State

COROUTINE, GENERATOR, ASYNC_GENERATOR = 0x80, 0x20, 0x200  # flags of code objects
RESERVED = ("wait_for", "return_state")
HOOKS = {
    "RUNNING": "on_running",
    "COMPLETED": "on_completion",
    "FAILED": "on_failure",
    "CRASHED": "on_crashed",
    "CANCELLED": "on_cancellation",
    "PAUSED": "on_paused",
}


class Decorated:
    """A function with options; base of `Flow` and `Task`."""

    DEFAULTS: Mapping[str, Any] = {}
    KIND = "function"

    fn: Callable[..., Any]
    name: str
    description: str | None
    tags: frozenset[str]
    retries: int | None
    retry_delay_seconds: Any
    retry_jitter_factor: float | None
    retry_condition_fn: Callable[..., bool] | None
    timeout_seconds: float | None
    log_prints: bool | None

    def __init__(self, fn: Callable[..., Any], **options: Any) -> None:
        if isinstance(fn, staticmethod | classmethod):
            fn = fn.__func__
        self.fn = fn
        check_options(options, self.DEFAULTS, self.KIND)
        self._options = options
        bare = bare_function(fn)
        self._flags = _flags_of(bare)
        self._check_function(bare)
        for option, default in self.DEFAULTS.items():
            if not option.startswith("on_"):
                setattr(self, option, options.get(option, default))
        self._hooks: dict[str, list[Callable[..., Any]]] = {}
        for option in HOOKS.values():
            if hooks := options.get(option):
                self._hooks[option] = list(hooks)
        self._signature: inspect.Signature | None = None
        self.name = options.get("name") or self._default_name(bare)
        self.description = options.get("description") or getattr(fn, "__doc__", None)
        self.tags = frozenset(_words(options.get("tags")))
        self._check_retries()
        self.__name__ = getattr(bare, "__name__", self.name)
        self.__qualname__ = getattr(bare, "__qualname__", self.name)
        self.__doc__ = getattr(fn, "__doc__", None)
        self.__module__ = getattr(bare, "__module__", __name__)
        self.__wrapped__ = fn

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def isasync(self) -> bool:
        """True if the function is `async def`."""
        return bool(self._flags & COROUTINE)

    @property
    def signature(self) -> inspect.Signature:
        """The function's signature, read once."""
        if self._signature is None:
            import inspect

            self._signature = inspect.signature(self.fn)
        return self._signature

    @property
    def retry_limit(self) -> int:
        """How many retries are permitted."""
        if self.retries is not None:
            return self.retries
        from orion.settings import settings

        section = settings().flows if self.KIND == "flow" else settings().tasks
        return section.default_retries

    @property
    def retry_delays(self) -> Any:
        """The delays as they were given, or the default."""
        if self.retry_delay_seconds is not None:
            return self.retry_delay_seconds
        from orion.settings import settings

        section = settings().flows if self.KIND == "flow" else settings().tasks
        return section.default_retry_delay_seconds

    def with_options(self, **changes: Any) -> Self:
        """A copy with other options; this one stays as it is."""
        check_options(changes, self.DEFAULTS, self.KIND)
        added: dict[str, Any] = {k: tuple(v) for k, v in self._hooks.items()}
        return type(self)(self.fn, **{**self._options, **added, **changes})

    def hooks_of(self, state: State[Any]) -> Sequence[Callable[..., Any]]:
        """The hooks to call when a run enters this state."""
        return self._hooks.get(HOOKS.get(state.type, ""), ()) if self._hooks else ()

    def _add_hook(self, kind: str, hook: Callable[..., Any]) -> Callable[..., Any]:
        self._hooks.setdefault(kind, []).append(hook)
        return hook

    def _default_name(self, bare: Callable[..., Any]) -> str:
        return getattr(bare, "__name__", type(bare).__name__)

    def _check_function(self, bare: Callable[..., Any]) -> None:
        if not callable(self.fn):
            raise TypeError(
                f"@{self.KIND} decorates a function, not {type(self.fn).__name__}"
            )
        if self._flags & (GENERATOR | ASYNC_GENERATOR):
            raise TypeError(
                f"@{self.KIND} cannot run generators: let {bare.__name__} return a list"
            )
        code = getattr(bare, "__code__", None)
        if code is None:
            return
        count = code.co_argcount + code.co_kwonlyargcount
        for name in code.co_varnames[:count]:
            if name in RESERVED:
                raise ReservedArgumentError(
                    f"{bare.__name__} has a parameter {name!r}, "
                    "which Orion uses itself: rename it"
                )

    def _check_retries(self) -> None:
        if self.retries is not None and (
            not isinstance(self.retries, int) or self.retries < 0
        ):
            raise ValueError(f"retries is a whole number from 0, not {self.retries!r}")
        if self.retry_delay_seconds is not None:
            from orion.engine.retries import check_delays

            check_delays(self.retry_delay_seconds)
        if self.retry_condition_fn is not None and not callable(
            self.retry_condition_fn
        ):
            raise TypeError("retry_condition_fn is a function (subject, run, state)")


def bare_function(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function inside of partials and methods, or a callable object's call."""
    while (inner := getattr(fn, "func", None)) is not None:
        fn = inner
    fn = getattr(fn, "__func__", fn)
    if not hasattr(fn, "__code__") and callable(fn) and not isinstance(fn, type):
        called = type(fn).__call__
        return called if hasattr(called, "__code__") else fn
    return fn


def check_options(
    given: Mapping[str, Any], known: Mapping[str, Any], kind: str
) -> None:
    """Refuse options that do not exist, and name the closest one."""
    for name in given:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, list(known), 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"@{kind} has no option {name!r}{hint}")


def _flags_of(bare: Callable[..., Any]) -> int:
    code = getattr(bare, "__code__", None)
    return code.co_flags if code is not None else 0


def _words(found: Iterable[str] | None) -> list[str]:
    if isinstance(found, str):
        raise TypeError(f"tags is a list of words, not the text {found!r}")
    return list(found or ())
