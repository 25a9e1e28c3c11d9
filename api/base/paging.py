"""Pages of a list: `limit` and `offset`, or `page` and `limit`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.base.wire import INT4, Wire
from core.criteria import Unusable
from core.errors import Invalid

LIMIT = 200


class Window(Wire):
    """The parameters of a list. Sent nulls are the defaults."""

    limit: int = LIMIT
    offset: int = 0

    def cut(self) -> slice:
        """The part of the list that is wanted.

        Raises:
            Invalid: the limit or the offset is out of bounds.
        """
        limit = within(self.limit)
        if not 0 <= self.offset <= INT4:
            raise Invalid(
                "Invalid offset: must be greater than or equal to 0"
                f" and less than {INT4 + 1}."
            )
        return slice(self.offset, self.offset + limit)


def within(limit: int, most: int = LIMIT) -> int:
    """The limit, if it is one a client may ask for.

    Raises:
        Invalid: it is not.
    """
    if limit > most:
        raise Invalid(f"Invalid limit: must be less than or equal to {most}.")
    if limit < 0:
        raise Invalid("Invalid limit: must be greater than or equal to 0.")
    return limit


def ordering(sorts: dict[str, tuple[Any, ...]], wanted: str | None) -> tuple[Any, ...]:
    """The `order_by` of a sort's name; no name is the first one.

    Raises:
        Invalid: the name is unknown.
    """
    if wanted is None:
        return next(iter(sorts.values()))
    if wanted not in sorts:
        raise Unusable(("body", "sort"), f"one of {', '.join(sorts)} is wanted")
    return sorts[wanted]


class Numbered(Wire):
    """The parameters of a list by pages, of which the first is 1."""

    limit: int = LIMIT
    page: Annotated[int, Field(ge=1, le=INT4)] = 1
    sort: str | None = None


class Pages(Wire):
    """One page of a list, and how many there are; rooms add the results."""

    count: int
    limit: int
    pages: int
    page: int


def page_of(rows: Any, wanted: Numbered) -> tuple[Any, dict[str, int]]:
    """The rows of the page that is wanted, and what the answer says beside them.

    Raises:
        Invalid: the limit is out of bounds.
    """
    limit, count = within(wanted.limit), rows.count()
    first = (wanted.page - 1) * limit
    about = {
        "count": count,
        "limit": limit,
        "pages": -(-count // limit) if limit else 0,
        "page": wanted.page,
    }
    found = rows[first : first + limit] if first <= count else rows.none()
    return found, about


Several = Annotated[int, Field(ge=1, le=50)]  # objects of one bulk operation
