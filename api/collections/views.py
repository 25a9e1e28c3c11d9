"""Views of what can be installed or chosen."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.wire import JsonObject
from core.errors import NotFound
from work_pools import worker_types

# clients know more of them, which only the original's own pages ask for
VIEWS: dict[str, JsonObject] = {
    "aggregate-worker-metadata": worker_types.BY_PACKAGE,
    "aggregate-block-metadata": {},
    "aggregate-flow-metadata": {},
    "demo-flows": {},
}


class CollectionView(Endpoint):
    """One view."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_view_content",
        tags=["Collections"],
        responses={200: JsonObject},
    )
    def get(self, request: Request, view: str) -> Response:
        """Its content."""
        if view not in VIEWS:
            raise NotFound(f"View {view} not found in registry")
        return Response(VIEWS[view])
