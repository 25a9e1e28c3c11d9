"""Block schemas: make, read."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.blocks import SCHEMAS, BlockSchema
from api.base.endpoint import Endpoint, Request, Response
from api.block_schemas.shapes import BlockSchemaCreate, BlockSchemaPage
from blocks import services
from blocks.models import BlockSchema as SchemaRow
from core.errors import NotFound

MISSING = "Block schema not found"
TAGS = ["Block schemas"]


class BlockSchemas(Endpoint):
    """The collection."""

    needs = "blocks.change"

    @extend_schema(
        operation_id="create_block_schema",
        tags=TAGS,
        request=BlockSchemaCreate,
        responses={200: BlockSchema, 201: BlockSchema},
    )
    def post(self, request: Request) -> Response:
        """Make a schema, or find the one with the same fields and version."""
        sent = request.read(BlockSchemaCreate)
        row, is_new = services.ensure_schema(
            sent.fields,
            block_type_id=sent.block_type_id,
            capabilities=sent.capabilities,
            version=sent.version,
            actor=request.actor,
        )
        return Response(BlockSchema.of(row), status=201 if is_new else 200)


class FilterBlockSchemas(Endpoint):
    """Lists."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_schemas",
        tags=TAGS,
        request=BlockSchemaPage,
        responses={200: list[BlockSchema]},
    )
    def post(self, request: Request) -> Response:
        """The schemas that match, newest first."""
        page = request.read(BlockSchemaPage)
        rows = SchemaRow.objects.visible_to(request.actor).filter(
            SCHEMAS.condition(page.block_schemas, ("body", "block_schemas"))
        )
        found = rows.select_related("block_type").order_by("-created", "-id")
        return Response([BlockSchema.of(row) for row in found[page.cut()]])


class BlockSchemaByChecksum(Endpoint):
    """A schema under its checksum."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_schema_by_checksum",
        tags=TAGS,
        responses={200: BlockSchema},
    )
    def get(self, request: Request, checksum: str) -> Response:
        """The newest with this checksum, of a version if the query names one."""
        rows = SchemaRow.objects.visible_to(request.actor).filter(checksum=checksum)
        version = request._request.GET.get("version")
        if version is not None:
            rows = rows.filter(version=version)
        found = rows.select_related("block_type").order_by("-created", "-id").first()
        if found is None:
            raise NotFound(MISSING)
        return Response(BlockSchema.of(found))


class OneBlockSchema(Endpoint):
    """A schema under its id."""

    needs = {"GET": "blocks.view", "DELETE": "blocks.change"}

    @extend_schema(
        operation_id="read_block_schema_by_id", tags=TAGS, responses={200: BlockSchema}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The schema."""
        return Response(BlockSchema.of(self.one(SchemaRow, id, MISSING)))

    @extend_schema(operation_id="delete_block_schema", tags=TAGS, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        """Remove it with the blocks that have its fields."""
        services.delete_schema(self.one(SchemaRow, id, MISSING))
        return Response(status=204)


class BlockCapabilities(Endpoint):
    """What blocks can do."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_available_block_capabilities",
        tags=["Block capabilities"],
        responses={200: list[str]},
    )
    def get(self, request: Request) -> Response:
        """Every capability that a schema names."""
        return Response(services.capabilities(request.actor))
