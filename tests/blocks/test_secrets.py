"""Stars in place of secrets, and secrets in place of stars."""

from __future__ import annotations

import pytest

from blocks.secrets import STARS, masked, paths_of, unmasked


@pytest.mark.parametrize(
    ("path", "data", "shown"),
    [
        ("value", {"value": "s", "name": "n"}, {"value": STARS, "name": "n"}),
        ("value", {"name": "n"}, {"name": "n"}),
        ("value", {"value": {"a": 1}}, {"value": STARS}),
        ("a.b", {"a": {"b": 1, "c": 2}}, {"a": {"b": STARS, "c": 2}}),
        ("a.b", {"a": "plain"}, {"a": "plain"}),
        ("d.*", {"d": {"x": 1, "y": {"z": 2}}}, {"d": {"x": STARS, "y": {"z": STARS}}}),
        ("d.*.b", {"d": {"x": {"b": 1, "c": 2}}}, {"d": {"x": {"b": STARS, "c": 2}}}),
        ("d.*", {"d": [1, 2]}, {"d": [STARS, STARS]}),
        ("d.*.b", {"d": [{"b": 1}, {"c": 2}]}, {"d": [{"b": STARS}, {"c": 2}]}),
    ],
)
def test_values_that_a_path_leads_to_are_masked(path, data, shown):
    assert masked(data, [path]) == shown


def test_masking_leaves_the_original_alone():
    data = {"a": {"b": "s"}}

    masked(data, ["a.b"])

    assert data == {"a": {"b": "s"}}


@pytest.mark.parametrize(
    ("path", "sent", "stored", "kept"),
    [
        ("value", {"value": STARS}, {"value": "s"}, {"value": "s"}),
        ("value", {"value": "new"}, {"value": "s"}, {"value": "new"}),
        ("other", {"value": STARS}, {"value": "s"}, {"value": STARS}),
        ("a.b", {"a": {"b": STARS, "c": 3}}, {"a": {"b": 1}}, {"a": {"b": 1, "c": 3}}),
        ("d.*", {"d": {"x": STARS}}, {"d": {"x": 1, "y": 2}}, {"d": {"x": 1}}),
        (
            "d.*",
            {"d": {"x": {"z": STARS}}},
            {"d": {"x": {"z": 1}}},
            {"d": {"x": {"z": 1}}},
        ),
        ("d.*", {"d": [STARS, 2, 3]}, {"d": [1]}, {"d": [1, 2, 3]}),
        ("value", {"value": STARS}, {}, {"value": STARS}),
    ],
)
def test_stars_that_come_back_keep_what_is_stored(path, sent, stored, kept):
    assert unmasked(sent, stored, [path]) == kept


@pytest.mark.parametrize("listed", [None, "value", {"value": 1}])
def test_a_schema_without_a_list_has_no_secrets(listed):
    assert paths_of({"secret_fields": listed}) == []


def test_the_paths_are_those_of_the_schema():
    assert paths_of({"secret_fields": ["a", 7, "b.*"]}) == ["a", "b.*"]
