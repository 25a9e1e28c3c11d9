"""Our document against the two of the protocol."""

from __future__ import annotations

import pytest

from tests.contract import shapes

OUR_OWN = ("/x/v1/",)


@pytest.fixture
def document(api):
    return api.get("/openapi.json").json


@pytest.fixture
def served(document):
    """Our operations by name."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_every_operation_of_the_protocol_is_served_or_listed(served):
    missing = set(shapes.all_operations()) - set(served)

    assert missing - shapes.not_built() == set()


def test_the_list_of_operations_not_built_only_shrinks(served):
    assert shapes.not_built() & set(served) == set()
    assert shapes.not_built() <= set(shapes.all_operations())


def test_what_the_protocol_does_not_know_has_an_address_of_its_own(served):
    extra = set(served) - set(shapes.all_operations())

    assert [name for name in extra if not name.split()[1].startswith(OUR_OWN)] == []


def test_operations_are_called_as_in_the_protocol(served):
    theirs = shapes.all_operations()
    shared = set(served) & set(theirs)

    wrong = {
        name: served[name]["operationId"]
        for name in shared
        if served[name]["operationId"] != theirs[name]["operationId"]
    }
    assert wrong == {}


def test_operations_have_the_tags_of_the_protocol(served):
    theirs = shapes.all_operations()

    wrong = {
        name: served[name]["tags"]
        for name in set(served) & set(theirs)
        if theirs[name].get("tags")
        and not set(served[name]["tags"]) <= set(theirs[name]["tags"])
    }
    assert wrong == {}


def test_operation_ids_are_unique(served):
    ids = [operation["operationId"] for operation in served.values()]

    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere(document):
    def references(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    known = {
        f"#/components/schemas/{name}" for name in document["components"]["schemas"]
    }
    assert set(references(document)) - known == set()


def test_filters_are_described(document):
    schemas = document["components"]["schemas"]

    tags = schemas["FlowRunFilter"]["properties"]["tags"]["properties"]
    assert set(tags) == {"operator", "all_", "any_", "is_null_"}
    flows = schemas["Filters"]["properties"]["flows"]
    assert {"$ref": "#/components/schemas/FlowFilter"} in flows["anyOf"]
