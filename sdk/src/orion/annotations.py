"""Wrappers around arguments that change how tasks receive them."""

from __future__ import annotations

from orion._typing import TYPE_CHECKING, Generic, R

if TYPE_CHECKING:
    from typing import Any


class Wrapper(Generic[R]):
    """An argument with a remark."""

    __slots__ = ("value",)

    def __init__(self, value: R) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class unmapped(Wrapper[R]):
    """Pass the value whole to every run of a `.map`."""


class allow_failure(Wrapper[R]):
    """Run even if the value's run failed; its exception is passed then."""


class quote(Wrapper[R]):
    """Pass the value as it is: it is not searched for futures."""


def strip(value: Any, *kinds: type[Wrapper[Any]]) -> Any:
    """The value inside nested wrappers of these kinds."""
    while isinstance(value, kinds):
        value = value.value
    return value
