from __future__ import annotations

from uuid import UUID

import pytest

SECRET = {"name": "Door Key", "slug": "door-key", "description": "Opens one door."}


def test_a_type_is_made_once(api):
    first = api.post("/block_types/", SECRET)
    again = api.post("/block_types/", SECRET)

    assert (first.status, again.status) == (201, 409)
    assert first.json["slug"] == "door-key"
    assert again.json == {"detail": 'Block type with name "Door Key" already exists'}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"slug": "No Slug"}, "slug"),
        ({"slug": None}, "slug"),
        ({"name": "a/b"}, "name"),
        ({"logo_url": "x" * 3000}, "logo_url"),
        ({"description": 7}, "description"),
    ],
)
def test_a_type_must_have_the_shape(api, change, place):
    assert api.post("/block_types/", SECRET | change).wrong == [["body", place]]


@pytest.mark.parametrize("name", ["Prefect Thing", "prefect"])
def test_names_of_the_clients_makers_are_reserved(api, name):
    assert api.post("/block_types/", SECRET | {"name": name}).status == 403


def test_a_type_is_found_by_slug_and_by_id(api):
    made = api.post("/block_types/", SECRET).json

    assert api.get("/block_types/slug/door-key").json == made
    assert api.get(f"/block_types/{made['id']}").json == made


@pytest.mark.parametrize("path", ["slug/nothing", str(UUID(int=0))])
def test_a_missing_type_is_said_to_be_missing(api, path):
    reply = api.get(f"/block_types/{path}")

    assert (reply.status, reply.json) == (404, {"detail": "Block type not found"})


def test_how_a_type_describes_itself_can_change(api):
    made = api.post("/block_types/", SECRET).json

    sent = {"logo_url": "https://example.org/logo.png", "name": "ignored"}
    assert api.patch(f"/block_types/{made['id']}", sent).status == 204

    now = api.get("/block_types/slug/door-key").json
    assert now["logo_url"] == "https://example.org/logo.png"
    assert (now["name"], now["description"]) == ("Door Key", "Opens one door.")
