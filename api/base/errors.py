"""Domain errors and failures as status, headers and body: one table for all rooms."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from pydantic import ValidationError
from rest_framework.exceptions import MethodNotAllowed

from api.base.body import Place, Unreadable, WrongType
from api.base.dialect import WrongVersion
from core.criteria import Unusable
from core.errors import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    Gone,
    Invalid,
    Locked,
    NotFound,
    Refused,
)

logger = logging.getLogger(__name__)

RETRY_AFTER = "1"  # seconds, with a 503
_ECHO = 10_000  # bytes of a refused body that are sent back
_DUPLICATE = (
    "Data integrity conflict. This usually means a unique or foreign key constraint "
    "was violated. See server logs for details."
)

STATUSES: dict[type[Exception], int] = {
    NotFound: 404,
    Conflict: 409,
    Refused: 403,
    Forbidden: 403,
    Invalid: 422,
    Gone: 410,
    WrongVersion: 400,
}


class Answered(Exception):
    """An answer other than the table's, said by a room itself."""

    def __init__(self, status: int, detail: Any, *, key: str = "detail") -> None:
        super().__init__(detail)
        self.status = status
        self.body = {key: detail}


class BadBody(Exception):
    """The body, the query or the path does not have the wanted shape."""

    def __init__(self, details: list[dict[str, Any]], raw: bytes = b"") -> None:
        super().__init__(details)
        self.details = details
        self.raw = raw

    @classmethod
    def of(
        cls, error: ValidationError, raw: bytes = b"", place: Place = ("body",)
    ) -> BadBody:
        """From pydantic's list, each place below `place`."""
        found = error.errors(
            include_url=False, include_context=False, include_input=False
        )
        return cls([{**one, "loc": [*place, *one["loc"]]} for one in found], raw)


@dataclass(frozen=True, slots=True)
class Failure:
    """What an endpoint answers instead of its result."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        """As Django sends it."""
        return HttpResponse(
            orjson.dumps(self.body, default=str),
            status=self.status,
            content_type="application/json",
            headers=dict(self.headers),
        )


def failure(
    error: Exception,
    *,
    statuses: Mapping[type[Exception], int] | None = None,
    missing_key: str = "detail",
) -> Failure:
    """The answer to an error; `statuses` are an endpoint's exceptions to the table."""
    match error:
        case Answered():
            return Failure(error.status, error.body)
        case BadBody():
            return _invalid(error.details, error.raw)
        case Unusable():
            return _invalid([_detail(error.place, str(error), "filter")], b"")
        case Unreadable():
            return _invalid([_detail(error.place, str(error), error.kind)], b"")
        case WrongType():
            text = f"Content type {error} is not read here; send application/json."
            return Failure(415, {"detail": text})
        case Locked():
            headers = {"Retry-After": str(error.retry_after)}
            return Failure(423, {"detail": str(error)}, headers)
        case DomainError() | WrongVersion() if not isinstance(error, Busy):
            return _refused(error, statuses or {}, missing_key)
        case RequestDataTooBig():
            return Failure(413, {"detail": "Request body too large."})
        case MethodNotAllowed():
            return Failure(405, {"detail": "Method Not Allowed"})
    return _of_database(error) or _unexpected(error)


def _refused(
    error: Exception, statuses: Mapping[type[Exception], int], missing_key: str
) -> Failure:
    kind = next(kind for kind in type(error).__mro__ if kind in STATUSES)
    key = missing_key if isinstance(error, NotFound) else "detail"
    return Failure(statuses.get(kind, STATUSES[kind]), {key: str(error)})


def _of_database(error: Exception) -> Failure | None:
    if isinstance(error, IntegrityError):
        logger.info("integrity conflict", exc_info=error)
        return Failure(409, {"detail": _DUPLICATE})
    if isinstance(error, DataError) or _is_over_a_limit(error):
        text = f"The database cannot store a value of the request: {_line(error)}"
        return Failure(422, {"detail": text})
    if isinstance(error, Busy | OperationalError | InterfaceError):
        logger.warning("database unavailable: %s", _line(error))
        body = {"exception_message": "Service Unavailable"}
        return Failure(503, body, {"Retry-After": RETRY_AFTER})
    return None


def _is_over_a_limit(error: Exception) -> bool:
    """PostgreSQL's class 54: an index row or a statement that is too large."""
    cause = error.__cause__ if isinstance(error, Error) else None
    return str(getattr(cause, "sqlstate", None)).startswith("54")


def _unexpected(error: Exception) -> Failure:
    logger.error("unexpected error in the API", exc_info=error)
    return Failure(500, {"exception_message": "Internal Server Error"})


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _detail(place: Place, message: str, kind: str) -> dict[str, Any]:
    return {"loc": list(place), "msg": message, "type": kind}


def _invalid(details: list[dict[str, Any]], raw: bytes) -> Failure:
    echo = orjson.Fragment(raw) if 0 < len(raw) <= _ECHO else None
    body = {
        "exception_message": "Invalid request received.",
        "exception_detail": details,
        "request_body": echo,
    }
    return Failure(422, body)


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Answer for an endpoint of the standard lane (DRF's exception handler)."""
    view = context["view"]
    return answer(error, view)


def answer(error: Exception, endpoint: Any) -> HttpResponse:
    """Answer for an endpoint of either lane."""
    return failure(
        error, statuses=endpoint.statuses, missing_key=endpoint.missing_key
    ).response()


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer where an error escaped from everything else (`handler500`)."""
    body = {"exception_message": "Internal Server Error"}
    return Failure(500, body).response()
