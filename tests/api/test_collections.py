"""The kinds of workers there are, as `work-pool create` asks for them."""

from __future__ import annotations

import pytest

from work_pools import templates


@pytest.mark.parametrize(
    ("package", "type"),
    [
        ("prefect", "process"),
        ("prefect-docker", "docker"),
        ("prefect-kubernetes", "kubernetes"),
    ],
)
def test_a_pool_can_be_made_of_every_type_that_is_shipped(api, package: str, type: str):
    found = api.get("/collections/views/aggregate-worker-metadata")

    about = found.json[package][type]
    template = about["default_base_job_configuration"]
    templates.check(template)
    assert about["type"] == type
    made = api.post(
        "/work_pools/", {"name": type, "type": type, "base_job_template": template}
    )
    assert made.status == 201, made.content


def test_every_variable_is_used_and_says_what_it_is_for(api):
    packages = api.get("/collections/views/aggregate-worker-metadata").json

    for types in packages.values():
        for about in types.values():
            template = about["default_base_job_configuration"]
            used = str(template["job_configuration"])
            for name, variable in template["variables"]["properties"].items():
                assert f"{{{{ {name} }}}}" in used, (about["type"], name)
                assert variable["description"], (about["type"], name)


@pytest.mark.parametrize(
    "view", ["aggregate-block-metadata", "aggregate-flow-metadata", "demo-flows"]
)
def test_other_views_of_the_protocol_are_empty(api, view: str):
    assert api.get(f"/collections/views/{view}").json == {}


def test_an_unknown_view_is_not_found(api):
    answer = api.get("/collections/views/nothing")

    assert answer.status == 404
    assert answer.json == {"detail": "View nothing not found in registry"}
