"""How one endpoint is described in the OpenAPI document."""

from __future__ import annotations

import re
from types import GenericAlias
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_array_type
from pydantic import BaseModel

PREFIX = "/api"
NOT_IN_NAMES = re.compile(r"\W")


class WireSchema(AutoSchema):
    """How an endpoint is described."""

    def get_operation(self, path: str, *args: Any) -> dict[str, Any] | None:
        """The description; its id is the declared name with path and method."""
        found: dict[str, Any] | None = super().get_operation(path, *args)
        if found is not None:
            name = f"{found['operationId']}{path.removeprefix(PREFIX)}"
            found["operationId"] = (
                f"{NOT_IN_NAMES.sub('_', name)}_{self.method.lower()}"
            )
        return found

    def _get_request_for_media_type(
        self, serializer: Any, direction: str = "request"
    ) -> Any:
        plain = self._plain(serializer)
        return super()._get_request_for_media_type(plain, direction)  # type: ignore[no-untyped-call] # theirs

    def _get_response_for_code(
        self, serializer: Any, status_code: str, *args: Any, **kwargs: Any
    ) -> Any:
        plain = self._plain(serializer)
        return super()._get_response_for_code(  # type: ignore[no-untyped-call] # theirs
            plain, status_code, *args, **kwargs
        )

    def _plain(self, serializer: Any) -> Any:
        """A list of shapes as a schema of its own; everything else as it is."""
        if (
            not isinstance(serializer, GenericAlias)
            or serializer.__origin__ is not list
        ):
            return serializer
        item = serializer.__args__[0]
        if not (isinstance(item, type) and issubclass(item, BaseModel)):
            return serializer
        known: Any = item  # a shape; an extension makes it a serializer to them
        return build_array_type(self.resolve_serializer(known, "response").ref)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False
