"""Names for static types; at run time they are cheap stand-ins, not `typing`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine as Coroutine
    from typing import Any as Any
    from typing import Generic as Generic
    from typing import ParamSpec, TypeVar
    from typing import overload as overload

    P = ParamSpec("P")
    R = TypeVar("R")
else:
    P = R = Any = None

    class Generic:
        """A base whose subscript is itself."""

        def __class_getitem__(cls, _parameters):
            return cls

    Coroutine = Generic

    def overload(function):
        """Mark a typed variant: nothing happens at run time."""
        return function
