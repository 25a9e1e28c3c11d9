"""What clients ask about automations when they deploy and inspect."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response


class OwnedAutomations(Endpoint):
    """The automations that came with an object."""

    needs = "automations.delete"

    @extend_schema(
        operation_id="delete_automations_owned_by_resource",
        tags=["Automations"],
        responses={202: None},
    )
    def delete(self, request: Request, resource_id: str) -> Response:
        """Forget them: afterwards there are none, as there are none before."""
        return Response(None, status=202)


class RelatedAutomations(Endpoint):
    """The automations that concern an object."""

    needs = "automations.view"

    @extend_schema(
        operation_id="read_automations_related_to_resource",
        tags=["Automations"],
        responses={200: {"type": "array", "items": {"type": "object"}}},
    )
    def get(self, request: Request, resource_id: str) -> Response:
        """None: nothing on this server makes any."""
        return Response([])
