"""Blocks: make, read, list, change, delete."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.blocks import BlockDocument, shown, wants_secrets
from api.base.endpoint import Endpoint, Request, Response
from api.base.paging import ordering
from api.block_documents.criteria import SORTS, condition
from api.block_documents.shapes import (
    BlockDocumentCreate,
    BlockDocumentFilters,
    BlockDocumentPage,
    BlockDocumentUpdate,
)
from blocks import services
from blocks.models import BlockDocument as DocumentRow
from core.actor import Actor
from core.errors import NotFound, Refused

MISSING = "Block document not found"
TAGS = ["Block documents"]


def find(id: UUID, actor: Actor) -> DocumentRow:
    """The block, with its type and schema.

    Raises:
        NotFound: there is none.
    """
    found = services.documents(actor).filter(pk=id).first()
    if found is None:
        raise NotFound(MISSING)
    return found


class BlockDocuments(Endpoint):
    """The collection."""

    needs = "blocks.change"
    statuses = {Refused: 400}

    @extend_schema(
        operation_id="create_block_document",
        tags=TAGS,
        request=BlockDocumentCreate,
        responses={201: BlockDocument},
    )
    def post(self, request: Request) -> Response:
        """Make a block; 409 when its type has one of this name."""
        sent = request.read(BlockDocumentCreate)
        new = services.NewDocument(**dict(sent))
        row = services.create_document(new, actor=request.actor)
        answer = shown([find(row.pk, request.actor)], with_secrets=False)[0]
        return Response(answer, status=201)


class FilterBlockDocuments(Endpoint):
    """Lists."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="read_block_documents",
        tags=TAGS,
        request=BlockDocumentPage,
        responses={200: list[BlockDocument]},
    )
    def post(self, request: Request) -> Response:
        """The blocks that match, sorted."""
        page = request.read(BlockDocumentPage)
        rows = services.documents(request.actor).filter(
            condition(page.block_documents, page.block_types, page.block_schemas)
        )
        found = list(rows.order_by(*ordering(SORTS, page.sort))[page.cut()])
        return Response(shown(found, with_secrets=page.include_secrets))


class CountBlockDocuments(Endpoint):
    """Counts."""

    needs = "blocks.view"

    @extend_schema(
        operation_id="count_block_documents",
        tags=TAGS,
        request=BlockDocumentFilters,
        responses={200: int},
    )
    def post(self, request: Request) -> Response:
        """How many blocks match."""
        sent = request.read(BlockDocumentFilters)
        rows = services.documents(request.actor).filter(
            condition(sent.block_documents, sent.block_types, sent.block_schemas)
        )
        return Response(rows.count())


class OneBlockDocument(Endpoint):
    """A block under its id."""

    needs = {
        "GET": "blocks.view",
        "PATCH": "blocks.change",
        "DELETE": "blocks.change",
    }
    statuses = {Refused: 400}

    @extend_schema(
        operation_id="read_block_document_by_id",
        tags=TAGS,
        responses={200: BlockDocument},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The block."""
        with_secrets = wants_secrets(request._request)
        row = find(id, request.actor)
        return Response(shown([row], with_secrets=with_secrets)[0])

    @extend_schema(
        operation_id="update_block_document_data",
        tags=TAGS,
        request=BlockDocumentUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change its data, or its schema within its type."""
        sent = request.read(BlockDocumentUpdate)
        services.change_document(
            find(id, request.actor),
            sent.data,
            block_schema_id=sent.block_schema_id,
            keep_rest=sent.merge_existing_data,
            actor=request.actor,
        )
        return Response(status=204)

    @extend_schema(
        operation_id="delete_block_document", tags=TAGS, responses={204: None}
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Remove it."""
        services.delete_document(find(id, request.actor))
        return Response(status=204)
