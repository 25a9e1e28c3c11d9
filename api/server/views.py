"""The server's version and its default storage of results."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.wire import Wire

# The versions of the protocol's originals that we stand in for. Clients refuse a
# server of another major version, and warn about one that is older than they are.
SPOKEN = {2: "2.20.26", 3: "3.8.8"}


class DefaultResultStorage(Wire):
    """Where results go when a flow does not say."""

    default_result_storage_block_id: UUID | None = None


class Version(Endpoint):
    """The version clients compare with their own."""

    needs = "server.view"

    @extend_schema(operation_id="read_version", tags=["Admin"], responses={200: str})
    def get(self, request: Request) -> Response:
        """The caller's own version, where it is one of the protocol's clients."""
        dialect = request.dialect
        return Response(dialect.text or SPOKEN[dialect.generation])


class Storage(Endpoint):
    """The default storage of results."""

    needs = "server.view"

    @extend_schema(
        operation_id="read_server_default_result_storage",
        tags=["Admin"],
        responses={200: DefaultResultStorage},
    )
    def get(self, request: Request) -> Response:
        """None is set: flows keep results where they run."""
        return Response(DefaultResultStorage())
