"""Identifiers sort as they were made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from core.ids import uuid7, uuid7s


def test_they_rise_alone_and_together():
    made = [uuid7(), *uuid7s(5000), uuid7(), *uuid7s(3)]

    assert made == sorted(made)
    assert len(set(made)) == 5005
    assert {id.version for id in made} == {7}
    assert {id.variant for id in made} == {"specified in RFC 4122"}


def test_threads_get_different_ones():
    with ThreadPoolExecutor(4) as pool:
        made = [id for some in pool.map(uuid7s, [500] * 40) for id in some]

    assert len(set(made)) == 20_000


def test_none_of_them():
    assert uuid7s(0) == []
