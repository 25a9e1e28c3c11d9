"""The lean lane: bytes in, a shape, a verb, bytes out; for the routes of the bench.

A `LeanEndpoint` looks like an `Endpoint` to routing, permissions, the table of errors
and the OpenAPI document, but its view is a plain function.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.base import body, errors
from api.base.auth import actor_of
from api.base.dialect import dialect_of
from api.base.endpoint import Endpoint, Shape, shaped, written
from core.actor import Actor
from core.clock import now
from core.dialect import Dialect


class Call:
    """One request to a lean endpoint."""

    __slots__ = ("actor", "dialect", "now", "request")

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor: Actor = actor_of(request)
        self.dialect: Dialect = dialect_of(request)
        self.now: datetime = now()

    def read(self, shape: type[Shape]) -> Shape:
        """The body as a shape."""
        return shaped(self.request.body, self.request.META.get("CONTENT_TYPE"), shape)

    def batch(self) -> Any:
        """The body as plain values, for rooms that check the rows of a batch."""
        content_type = self.request.META.get("CONTENT_TYPE")
        return body.batch(self.request.body, content_type)


class Answer:
    """What a lean endpoint answers; `content` of None with 204 is no body."""

    __slots__ = ("content", "status")

    def __init__(self, content: Any = None, *, status: int = 200) -> None:
        self.content = content
        self.status = status


class LeanEndpoint(Endpoint):
    """An endpoint whose methods take a `Call` and return an `Answer`."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:  # type: ignore[override]
        """The plain function that serves the endpoint."""
        endpoint = cls(**initkwargs)
        verbs = {
            name.upper(): getattr(endpoint, name)
            for name in cls.http_method_names
            if hasattr(endpoint, name)
        }

        def view(request: HttpRequest, **parts: Any) -> HttpResponse:
            verb = verbs.get(request.method or "")
            if verb is None:
                return not_allowed(verbs)
            try:
                call = Call(request)
                cls.admit(request, call.actor)
                answer: Answer = verb(call, **parts)
                content = b"" if answer.status == 204 else written(answer.content)
            except Exception as error:
                return errors.answer(error, cls)
            return HttpResponse(
                content, status=answer.status, content_type="application/json"
            )

        view.cls = cls  # type: ignore[attr-defined] # what DRF's tools look for
        view.initkwargs = initkwargs  # type: ignore[attr-defined]
        view.csrf_exempt = True  # type: ignore[attr-defined]
        return view


def not_allowed(verbs: Any) -> HttpResponse:
    """The answer to a method that is not served."""
    headers = {"Allow": ", ".join(verbs)}
    return errors.Failure(405, {"detail": "Method Not Allowed"}, headers).response()


__all__ = ["Answer", "Call", "LeanEndpoint", "not_allowed"]
