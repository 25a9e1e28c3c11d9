from __future__ import annotations

import pytest

from api.base import endpoint, lean
from core.actor import Actor

NOBODY = Actor("person", "nobody")


@pytest.fixture
def nobody(monkeypatch):
    """Every request comes from somebody who may do nothing."""
    for lane in (endpoint, lean):
        monkeypatch.setattr(lane, "actor_of", lambda request: NOBODY)


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("GET", "/flows/01a1fe67-74de-7d34-9523-369f9c67b7a5", "flows.view"),
        ("PATCH", "/flows/01a1fe67-74de-7d34-9523-369f9c67b7a5", "flows.change"),
        ("POST", "/flow_runs/", "runs.create"),
        ("POST", "/flow_runs/filter", "runs.view"),
        ("POST", "/logs/", "logs.create"),
    ],
)
def test_who_may_not_is_told_what_it_needs(api, nobody, method, path, permission):
    reply = api.call(method, path, {})

    assert reply.status == 403
    assert permission in reply.json["detail"]
