"""The standard lane: a DRF view with pydantic in and pydantic out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import orjson
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from pydantic import BaseModel, ValidationError
from rest_framework import request as drf
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from api.base import body, errors
from api.base.auth import actor_of, permit
from api.base.describing import WireSchema
from api.base.dialect import check_version, dialect_of
from core.actor import Actor
from core.clock import now
from core.dialect import Dialect
from core.errors import NotFound

Shape = TypeVar("Shape", bound=BaseModel)
M = TypeVar("M", bound=Model)


def shaped(raw: bytes, content_type: str | None, shape: type[Shape]) -> Shape:
    """The body as a shape; an empty body is an empty object.

    Raises:
        BadBody: it does not fit.
    """
    found = body.values(raw, content_type)
    try:
        return shape.model_validate({} if found is None else found)
    except ValidationError as error:
        raise errors.BadBody.of(error, raw) from None


def written(answer: Any) -> bytes:
    """The JSON of an answer: shapes, rows, lists of them, plain values."""
    if isinstance(answer, BaseModel):
        return answer.__pydantic_serializer__.to_json(
            answer, by_alias=True, warnings=False
        )
    return orjson.dumps(answer, default=_inner, option=orjson.OPT_UTC_Z)


def _inner(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return orjson.Fragment(written(value))
    raise TypeError(f"{type(value).__name__} has no place in an answer")


class Request(drf.Request):
    """A request of the standard lane."""

    actor: Actor
    dialect: Dialect
    now: datetime

    def read(self, shape: type[Shape]) -> Shape:  # type: ignore[override] # no stream
        """The body as a shape."""
        plain = self._request
        return shaped(plain.body, plain.META.get("CONTENT_TYPE"), shape)

    def id_in_query(self, name: str) -> UUID:
        """A parameter of the query that must be an id."""
        return id_in_query(self._request, name)


def id_in_query(request: HttpRequest, name: str) -> UUID:
    """A parameter of the query that must be an id.

    Raises:
        BadBody: it is absent or no UUID.
    """
    sent = request.GET.get(name)
    try:
        return UUID(sent)
    except (TypeError, ValueError):
        kind = "missing" if sent is None else "uuid_parsing"
        detail = {"loc": ["query", name], "msg": "a UUID is wanted", "type": kind}
        raise errors.BadBody([detail]) from None


class JsonOnly(BaseContentNegotiation):
    """Whatever the client would accept, it gets JSON."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Bodies are read by `Request.read`."""
        return None

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: Any = None
    ) -> Any:
        """The only one."""
        return renderers[0], renderers[0].media_type


class JsonRenderer(BaseRenderer):
    """Writes shapes and plain values."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """As JSON; 204 has no body."""
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code == 204:
            return b""
        return written(data)


class Endpoint(APIView):
    """A resource of the API. Methods answer with `Response(shape or rows, status)`."""

    # the permission, for instance "runs.view"; or one per method: {"GET": "runs.view"}
    needs: ClassVar[str | Mapping[str, str]]
    checks_version: ClassVar[bool] = True
    missing_key: ClassVar[str] = "detail"  # of a 404's body
    statuses: ClassVar[Mapping[type[Exception], int]] = {}  # unlike the table's

    request: Request
    http_method_names: ClassVar[list[str]] = ["get", "post", "put", "patch", "delete"]  # type: ignore[misc]
    renderer_classes = (JsonRenderer,)
    parser_classes = (JSONParser,)  # for the document; bodies are read by `read`
    content_negotiation_class = JsonOnly
    format_kwarg = None
    schema = WireSchema()

    def initialize_request(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Request:
        """Our request around Django's."""
        ours = Request(request)
        ours.actor = actor_of(request)
        ours.dialect = dialect_of(request)
        ours.now = now()
        return ours

    def initial(self, request: drf.Request, *args: Any, **kwargs: Any) -> None:
        """What comes before every method: version, renderer, permission."""
        request.accepted_renderer = self.get_renderers()[0]
        request.accepted_media_type = JsonRenderer.media_type
        self.admit(self.request._request, self.request.actor)

    @classmethod
    def admit(cls, request: HttpRequest, actor: Actor) -> None:
        """Refuse clients that are too old and actors that may not do this."""
        if cls.checks_version:
            check_version(request)
        needs, method = cls.needs, request.method or ""
        if not isinstance(needs, str):
            if method not in needs:
                raise MethodNotAllowed(method)
            needs = needs[method]
        permit(actor, needs)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """By the table of errors."""
        return errors.answer(exc, self)

    def one(self, model: type[M], id: UUID, missing: str | None = None) -> M:
        """The row, if the actor may see it.

        Raises:
            NotFound: there is none; `missing` is the text.
        """
        rows = model._default_manager.visible_to(self.request.actor)  # type: ignore[attr-defined]
        found: M | None = rows.filter(pk=id).first()
        if found is None:
            raise NotFound(missing or f"{model.__name__} not found")
        return found


__all__ = ["Endpoint", "Request", "Response", "id_in_query", "shaped", "written"]
