from __future__ import annotations

from uuid import uuid4

import pytest

from blocks.models import BlockDocument

STARS = "********"


@pytest.fixture
def kind(api):
    """Make a type with a schema; what a document of it needs."""

    def make(slug: str, **fields: object) -> dict[str, str]:
        block_type = api.post("/block_types/", {"name": slug, "slug": slug}).json
        body = {"block_type_id": block_type["id"], "fields": {"title": slug, **fields}}
        schema = api.post("/block_schemas/", body).json
        return {"block_type_id": block_type["id"], "block_schema_id": schema["id"]}

    return make


@pytest.fixture
def key(kind):
    return kind("key", secret_fields=["value"])


def ref(block: dict[str, str]) -> dict[str, object]:
    return {"$ref": {"block_document_id": block["id"]}}


def save(api, kind, name, **data):
    reply = api.post("/block_documents/", {**kind, "name": name, "data": data})
    assert reply.status == 201, reply.content
    return reply.json


def load(api, block):
    path = f"/block_documents/{block['id']}?include_secrets=true"
    return api.get(path).json


def test_a_block_is_stored_sealed_and_comes_back(api, key):
    made = save(api, key, "front", value="geheim", number=1)

    assert made["data"] == {"value": STARS, "number": 1}
    assert made["block_type"]["slug"] == made["block_type_name"] == "key"
    assert made["block_schema"]["id"] == key["block_schema_id"]
    assert load(api, made)["data"] == {"value": "geheim", "number": 1}
    assert "geheim" not in BlockDocument.objects.get().sealed


def test_a_block_is_found_by_name_within_its_type(api, key):
    made = save(api, key, "front", value="geheim")
    path = "/block_types/slug/key/block_documents"

    assert api.get(f"{path}/name/front").json == made
    shown = api.get(f"{path}/name/front?include_secrets=true").json
    assert shown["data"] == {"value": "geheim"}
    assert api.get(path).json == [made]
    assert api.get(f"{path}/name/back").json == {"detail": "Block document not found"}
    assert api.get("/block_types/slug/lock/block_documents/name/front").status == 404


@pytest.mark.parametrize(
    ("said", "status"), [("maybe", 422), ("True", 200), ("0", 200)]
)
def test_include_secrets_is_yes_or_no(api, key, said, status):
    made = save(api, key, "front")

    path = f"/block_documents/{made['id']}?include_secrets={said}"

    assert api.get(path).status == status


def test_a_name_is_taken_once_within_a_type(api, kind, key):
    save(api, key, "front")
    save(api, kind("lock"), "front")

    reply = api.post("/block_documents/", {**key, "name": "front"})

    assert (reply.status, reply.json) == (409, {"detail": "Block already exists"})


@pytest.mark.parametrize("name", ["Front", "a b", "", "ä"])
def test_a_name_must_fit_addresses(api, key, name):
    reply = api.post("/block_documents/", {**key, "name": name})

    assert reply.wrong == [["body", "name"]]


def test_only_anonymous_blocks_need_no_name(api, key):
    assert api.post("/block_documents/", key).status == 422

    made = api.post("/block_documents/", {**key, "is_anonymous": True}).json

    assert made["name"].startswith("anonymous-")
    assert made["is_anonymous"]


def test_a_block_needs_a_schema_of_its_type(api, kind, key):
    other = kind("lock")["block_schema_id"]
    body = {**key, "name": "front"}

    mixed = api.post("/block_documents/", {**body, "block_schema_id": other})
    missing = api.post("/block_documents/", {**body, "block_schema_id": str(uuid4())})

    assert (mixed.status, missing.status) == (422, 404)


def test_a_change_keeps_the_rest_unless_told_otherwise(api, key):
    made = save(api, key, "front", value="geheim", number=1)
    path = f"/block_documents/{made['id']}"

    assert api.patch(path, {"data": {"number": 2}}).status == 204
    assert load(api, made)["data"] == {"value": "geheim", "number": 2}

    whole = {"data": {"number": 3}, "merge_existing_data": False}
    assert api.patch(path, whole).status == 204
    assert load(api, made)["data"] == {"number": 3}


def test_stars_that_are_sent_back_keep_the_secret(api, key):
    made = save(api, key, "front", value="geheim")
    path = f"/block_documents/{made['id']}"

    api.patch(path, {"data": {"value": STARS, "n": 1}, "merge_existing_data": False})
    assert load(api, made)["data"] == {"value": "geheim", "n": 1}

    api.patch(path, {"data": {"value": "new"}})
    assert load(api, made)["data"] == {"value": "new", "n": 1}


def test_a_block_may_change_to_another_schema_of_its_type_only(api, kind, key):
    made = save(api, key, "front", value="geheim")
    path = f"/block_documents/{made['id']}"
    fields = {"title": "key", "properties": {"more": {}}}
    body = {"block_type_id": key["block_type_id"], "fields": fields}
    newer = api.post("/block_schemas/", body).json["id"]

    assert api.patch(path, {"block_schema_id": newer}).status == 204
    assert load(api, made)["block_schema_id"] == newer

    foreign = kind("lock")["block_schema_id"]
    assert api.patch(path, {"block_schema_id": foreign}).status == 400
    assert load(api, made)["block_schema_id"] == newer


def test_a_block_within_is_shown_in_its_place(api, kind, key):
    inner = save(api, key, "inner", value="geheim", number=1)
    outer = save(api, kind("door"), "outer", key=ref(inner), y="z")

    assert outer["data"] == {"key": {"value": STARS, "number": 1}, "y": "z"}
    within = outer["block_document_references"]["key"]["block_document"]
    assert (within["id"], within["name"]) == (inner["id"], "inner")
    assert within["block_type"]["slug"] == "key"
    assert load(api, outer)["data"]["key"] == {"value": "geheim", "number": 1}


def test_a_change_of_the_block_within_is_seen_outside(api, kind, key):
    inner = save(api, key, "inner", number=1)
    outer = save(api, kind("door"), "outer", key=ref(inner))

    api.patch(f"/block_documents/{inner['id']}", {"data": {"number": 2}})

    assert load(api, outer)["data"] == {"key": {"number": 2}}


def test_references_are_replaced_by_references_and_by_values(api, kind, key):
    one, two = save(api, key, "one", n=1), save(api, key, "two", n=2)
    outer = save(api, kind("door"), "outer", a=ref(one), b=ref(one))
    path = f"/block_documents/{outer['id']}"

    api.patch(path, {"data": {"a": ref(two)}})
    assert load(api, outer)["data"] == {"a": {"n": 2}, "b": {"n": 1}}

    api.patch(path, {"data": {"a": "plain"}})
    assert load(api, outer)["data"] == {"a": "plain", "b": {"n": 1}}

    api.patch(path, {"data": {"a": ref(one)}, "merge_existing_data": False})
    assert load(api, outer)["data"] == {"a": {"n": 1}}


def test_a_block_cannot_contain_itself(api, kind):
    door = kind("door")
    inner = save(api, door, "inner")
    outer = save(api, door, "outer", inner=ref(inner))

    for block in (inner, outer):
        body = {"data": {"x": ref(outer)}}
        reply = api.patch(f"/block_documents/{block['id']}", body)
        assert reply.status == 400
    assert load(api, inner)["data"] == {}


@pytest.mark.parametrize(
    "reference",
    [7, {}, {"block_document_id": "x"}, {"block_document_id": str(uuid4())}],
)
def test_a_reference_must_name_a_block(api, key, reference):
    body = {**key, "name": "outer", "data": {"a": {"$ref": reference}}}

    assert api.post("/block_documents/", body).status == 422
    assert not BlockDocument.objects.exists()


def test_a_list_hides_anonymous_blocks_unless_asked(api, key):
    named = save(api, key, "front")
    api.post("/block_documents/", {**key, "is_anonymous": True})

    def count(wanted: object) -> int:
        body = {"block_documents": wanted}
        return len(api.post("/block_documents/filter", body).json)

    assert api.post("/block_documents/filter", {"limit": None}).json == [named]
    assert count({"is_anonymous": None}) == 2
    assert count({"is_anonymous": {"eq_": True}}) == 1
    assert count({"name": {"like_": "FRO"}}) == 1


def test_a_list_is_filtered_by_type_and_schema_and_sorted(api, kind, key):
    save(api, key, "b", value="s")
    save(api, kind("lock"), "a")

    def names(**body: object) -> list[str]:
        found = api.post("/block_documents/filter", body)
        return [block["name"] for block in found.json]

    assert names() == ["a", "b"]
    assert names(sort="NAME_DESC") == ["b", "a"]
    assert names(sort="BLOCK_TYPE_AND_NAME_ASC") == ["b", "a"]
    assert names(block_types={"slug": {"any_": ["lock"]}}) == ["a"]
    assert names(block_schemas={"version": {"any_": []}}) == []
    assert names(limit=1, offset=1) == ["b"]
    assert api.post("/block_documents/filter", {"limit": 201}).status == 422
    shown = api.post("/block_documents/filter", {"include_secrets": True}).json
    assert shown[1]["data"] == {"value": "s"}


def test_a_deleted_block_is_gone_and_its_field_empty(api, kind, key):
    inner = save(api, key, "inner", n=1)
    outer = save(api, kind("door"), "outer", key=ref(inner), y=1)

    assert api.delete(f"/block_documents/{inner['id']}").status == 204

    missing = api.get(f"/block_documents/{inner['id']}")
    assert (missing.status, missing.json) == (
        404,
        {"detail": "Block document not found"},
    )
    assert load(api, outer)["data"] == {"y": 1}


def test_a_list_costs_few_queries(api, kind, key, django_assert_max_num_queries):
    for number in range(5):
        inner = save(api, key, f"inner-{number}", n=number)
        save(api, key, f"outer-{number}", key=ref(inner))

    with django_assert_max_num_queries(3):
        api.post("/block_documents/filter", {})


def test_blocks_within_are_shown_to_a_limit(api, kind):
    door = kind("door")
    block = save(api, door, "d0", n=0)
    for level in range(1, 10):
        body = {"name": f"d{level}", "data": {"a": ref(block), "b": ref(block)}}
        reply = api.post("/block_documents/", {**door, **body})
        block = reply.json

    assert reply.status == 400
    assert "more than 1000" in reply.json["detail"]
    assert not BlockDocument.objects.filter(name="d9").exists()


def test_a_block_sealed_with_a_lost_key_says_what_to_do(api, key):
    made = save(api, key, "front")
    BlockDocument.objects.update(sealed="gAAAAAB-lost")

    reply = api.get(f"/block_documents/{made['id']}")

    assert reply.status == 400
    assert "ORION_ENCRYPTION_KEYS" in reply.json["detail"]
