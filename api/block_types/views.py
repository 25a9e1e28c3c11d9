"""Block types: make, read, change; their blocks by name."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.blocks import BlockDocument, BlockType, shown, wants_secrets
from api.base.endpoint import Endpoint, Request, Response
from api.block_types.criteria import condition
from api.block_types.shapes import BlockTypeCreate, BlockTypePage, BlockTypeUpdate
from blocks import services
from blocks.models import BlockType as TypeRow
from core.actor import Actor
from core.errors import NotFound

MISSING = "Block type not found"
MISSING_DOCUMENT = "Block document not found"
TAGS = ["Block types"]
MOST = 200  # blocks of one type in a list


def by_slug(slug: str, actor: Actor) -> TypeRow:
    """The type with this slug.

    Raises:
        NotFound: there is none.
    """
    found = TypeRow.objects.visible_to(actor).filter(slug=slug).first()
    if found is None:
        raise NotFound(MISSING)
    return found


class BlockTypes(Endpoint):
    """The collection."""

    needs = "blocks.change"

    @extend_schema(
        operation_id="create_block_type",
        tags=TAGS,
        request=BlockTypeCreate,
        responses={201: BlockType},
    )
    def post(self, request: Request) -> Response:
        """Make a type; 409 when there is one of this name."""
        sent = request.read(BlockTypeCreate)
        row = services.create_type(TypeRow(**dict(sent)), actor=request.actor)
        return Response(BlockType.of(row), status=201)


class FilterBlockTypes(Endpoint):
    """Lists."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_types",
        tags=TAGS,
        request=BlockTypePage,
        responses={200: list[BlockType]},
    )
    def post(self, request: Request) -> Response:
        """The types that match, by name."""
        page = request.read(BlockTypePage)
        rows = TypeRow.objects.visible_to(request.actor).filter(
            condition(page.block_types, page.block_schemas)
        )
        found = rows.order_by("name", "id")[page.cut()]
        return Response([BlockType.of(row) for row in found])


class InstallBlockTypes(Endpoint):
    """The types that belong to the system."""

    needs = "blocks.change"

    @extend_schema(
        operation_id="install_system_block_types",
        tags=TAGS,
        request=None,
        responses={200: None},
    )
    def post(self, request: Request) -> Response:
        """Nothing: clients register the types they use when they save a block."""
        return Response(None)


class OneBlockType(Endpoint):
    """A type under its id."""

    needs = {
        "GET": "blocks.view",
        "PATCH": "blocks.change",
        "DELETE": "blocks.change",
    }

    @extend_schema(
        operation_id="read_block_type_by_id", tags=TAGS, responses={200: BlockType}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The type."""
        return Response(BlockType.of(self.one(TypeRow, id, MISSING)))

    @extend_schema(
        operation_id="update_block_type",
        tags=TAGS,
        request=BlockTypeUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change how it describes itself."""
        sent = request.read(BlockTypeUpdate).sent()
        services.change_type(self.one(TypeRow, id, MISSING), sent)
        return Response(status=204)

    @extend_schema(operation_id="delete_block_type", tags=TAGS, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        """Remove it with its schemas and blocks."""
        services.delete_type(self.one(TypeRow, id, MISSING))
        return Response(status=204)


class BlockTypeBySlug(Endpoint):
    """A type under its slug."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_type_by_slug", tags=TAGS, responses={200: BlockType}
    )
    def get(self, request: Request, slug: str) -> Response:
        """The type."""
        return Response(BlockType.of(by_slug(slug, request.actor)))


class DocumentsOfType(Endpoint):
    """The blocks of a type."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_documents_for_block_type",
        tags=TAGS,
        responses={200: list[BlockDocument]},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Those with a name, by name."""
        block_type = by_slug(slug, request.actor)
        rows = services.documents(request.actor).filter(
            block_type=block_type, is_anonymous=False
        )
        with_secrets = wants_secrets(request._request)
        found = list(rows.order_by("name")[:MOST])
        return Response(shown(found, with_secrets=with_secrets))


class DocumentOfTypeByName(Endpoint):
    """A block of a type under its name."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_document_by_name_for_block_type",
        tags=TAGS,
        responses={200: BlockDocument},
    )
    def get(self, request: Request, slug: str, block_document_name: str) -> Response:
        """The block."""
        rows = services.documents(request.actor)
        found = rows.filter(block_type__slug=slug, name=block_document_name).first()
        if found is None:
            raise NotFound(MISSING_DOCUMENT)
        with_secrets = wants_secrets(request._request)
        return Response(shown([found], with_secrets=with_secrets)[0])
