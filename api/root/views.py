"""Health, readiness, versions."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from drf_spectacular.utils import extend_schema

from api.base.dialect import API_VERSION
from api.base.endpoint import Endpoint, Request, Response
from api.base.errors import Answered, BadBody
from api.root.shapes import Loop, Ready
from ops.models import LoopPulse


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
        """Whether database and tables are there; what each loop did last."""
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise Answered(503, "The database misses migrations.", key="message")
            loops = _loops()
        except DatabaseError:
            text = "The database does not answer."
            raise Answered(503, text, key="message") from None
        return Response(Ready(message="OK", loops=loops))


def _loops() -> list[Loop]:
    rows = (
        LoopPulse.objects.values("name")
        .annotate(success=Max("last_success"))
        .order_by("name")
        .values_list("name", "success")
    )
    return [
        Loop(name=name, last_success=success, last_error=None) for name, success in rows
    ]


class CsrfToken(Endpoint):
    """Tokens against forged requests."""

    needs = "server.view"

    @extend_schema(
        operation_id="create_csrf_token", responses={422: None}, parameters=[]
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
