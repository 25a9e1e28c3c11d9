"""Health, readiness, versions."""

from __future__ import annotations

from functools import cache

from drf_spectacular.utils import OpenApiParameter, extend_schema
from orjson import Fragment

from api.base.dialect import API_VERSION
from api.base.endpoint import Endpoint, Request, Response, written
from api.base.errors import Answered, BadBody
from api.base.openapi import document
from api.root.shapes import Loop, Ready
from ops.health import LoopHealth, in_words, readiness


class Health(Endpoint):
    """The process answers."""

    needs = "server.view"
    checks_version = False

    @extend_schema(operation_id="health_check", tags=["Root"], responses={200: bool})
    def get(self, request: Request) -> Response:
        """Whether the process answers: always true."""
        return Response(data=True)


class Version(Endpoint):
    """The version of the protocol."""

    needs = "server.view"
    checks_version = False

    @extend_schema(operation_id="server_version", tags=["Root"], responses={200: str})
    def get(self, request: Request) -> Response:
        """The version of the protocol that is spoken here."""
        return Response(API_VERSION)


class Hello(Endpoint):
    """A greeting."""

    needs = "server.view"

    @extend_schema(operation_id="hello", tags=["Root"], responses={200: str})
    def get(self, request: Request) -> Response:
        """A wave."""
        return Response("\N{WAVING HAND SIGN}")


class Readiness(Endpoint):
    """The server can do its work."""

    needs = "server.view"

    @extend_schema(
        operation_id="perform_readiness_check",
        tags=["Root"],
        responses={200: Ready, 503: None},
    )
    def get(self, request: Request) -> Response:
        """Whether database and tables are there; how each loop is doing."""
        found = readiness(request.now)
        if not found.is_ready:
            raise Answered(503, found.problem, key="message")
        loops = [_told(loop) for loop in found.loops]
        trouble = in_words(loop for loop in found.loops if not loop.is_fine)
        return Response(Ready(message="OK", trouble=trouble or None, loops=loops))


def _told(loop: LoopHealth) -> Loop:
    return Loop(
        name=loop.name,
        condition=loop.condition,
        last_success=loop.last_success,
        last_error=loop.last_error or None,
        last_error_at=loop.last_error_at,
        lag=loop.lag.total_seconds() if loop.lag is not None else None,
        interval=loop.interval.total_seconds(),
    )


class Document(Endpoint):
    """This API's OpenAPI document."""

    needs = "server.view"
    checks_version = False

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The document; it is made once per process."""
        return Response(_document())


@cache
def _document() -> Fragment:
    return Fragment(written(document()))


class CsrfToken(Endpoint):
    """Tokens against forged requests."""

    needs = "server.view"

    @extend_schema(
        operation_id="create_csrf_token",
        tags=["Root"],
        responses={422: None},
        parameters=[OpenApiParameter("client", str, required=True)],
    )
    def get(self, request: Request) -> Response:
        """Refused: the server looks at `Origin` instead, and needs no tokens."""
        if not request.query_params.get("client"):
            place = ["query", "client"]
            detail = {
                "loc": place,
                "msg": "the client's id is wanted",
                "type": "missing",
            }
            raise BadBody([detail])
        raise Answered(422, "CSRF protection is disabled.")
