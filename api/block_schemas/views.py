"""Block schemas: make, read."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.blocks import BlockSchema
from api.base.endpoint import Endpoint, Request, Response
from api.block_schemas.shapes import BlockSchemaCreate
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

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_schema_by_id", tags=TAGS, responses={200: BlockSchema}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The schema."""
        return Response(BlockSchema.of(self.one(SchemaRow, id, MISSING)))
