"""Conditions that both databases know under different spellings."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func, Value


class Holds(Func):
    """Whether a JSON list of strings holds one."""

    output_field = BooleanField()
    function = "jsonb_exists"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite opens the list."""
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        return self.as_sql(
            compiler,
            connection,
            template=f"{template})",
            arg_joiner=") WHERE json_each.value = (",
            **extra,
        )


class Resembles(Func):
    """Whether text contains a pattern, in any case; `%` and `_` are wild."""

    output_field = BooleanField()
    template = "(%(expressions)s)"
    arg_joiner = " ILIKE "

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite's LIKE ignores the case of ASCII letters."""
        return self.as_sql(compiler, connection, arg_joiner=" LIKE ", **extra)


def lhs(path: Any) -> Any:
    """A path or an expression as an expression."""
    return F(path) if isinstance(path, str) else path


def holds(path: Any, text: str) -> Holds:
    """`Holds` for a path."""
    return Holds(lhs(path), Value(text))


def resembles(path: Any, pattern: str) -> Resembles:
    """`Resembles` for a path, anywhere in the text."""
    return Resembles(lhs(path), Value(f"%{pattern}%"))
