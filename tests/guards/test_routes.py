"""Every route of the API names a permission; the lean lane is a list of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from api.base.endpoint import Endpoint
from api.base.lean import LeanEndpoint

MUTATING = {"post", "put", "patch", "delete"}
PERMISSION = re.compile(r"^[a-z_]+\.[a-z_]+$")
LEAN = {  # the routes of the bench; each one here has been measured
    "flow_runs/",
    "flow_runs/<uuid:id>/set_state",
    "task_runs/",
    "task_runs/<uuid:id>/set_state",
    "logs/",
    "v2/concurrency_limits/leases/<uuid:lease_id>/renew",
    "work_pools/<str:name>/get_scheduled_flow_runs",
    "work_pools/<str:work_pool_name>/workers/heartbeat",
    "work_queues/<uuid:id>/get_runs",
    "x/v1/agents/heartbeat",
    "x/v1/flow_runs/<uuid:id>/claim",
    "x/v1/flow_runs/<uuid:id>/heartbeat",
}


def routes() -> Iterator[tuple[str, type[Endpoint]]]:
    """Every address under /api with the endpoint behind it."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator:
        for each in patterns:
            path = prefix + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, path)
            elif path.startswith("api/"):
                yield path.removeprefix("api/"), getattr(each.callback, "cls", None)

    yield from walk(get_resolver().url_patterns, "")


def endpoints() -> list[tuple[str, type[Endpoint]]]:
    """The routes that are endpoints of ours."""
    return [(path, cls) for path, cls in routes() if cls and issubclass(cls, Endpoint)]


def permissions() -> Iterator[tuple[str, str, str]]:
    """Every path and method with the permission it needs."""
    for path, cls in endpoints():
        for method in cls.http_method_names:
            if hasattr(cls, method):
                needs = getattr(cls, "needs", "")
                one = needs if isinstance(needs, str) else needs.get(method.upper(), "")
                yield path, method, one


def test_every_route_names_the_permission_it_needs():
    assert len(endpoints()) > 30
    nameless = [
        (path, method)
        for path, method, needs in permissions()
        if not PERMISSION.match(needs)
    ]

    assert nameless == []


def test_nothing_mutates_with_the_permission_to_look():
    """A read that needs a body is a POST at `filter`, `count` and the like."""
    reads = re.compile(
        r"(filter|count|paginate|history|lateness|preview|get_runs|"
        r"get_scheduled_flow_runs|concurrency_status)$"
    )
    found = [
        (path, method)
        for path, method, needs in permissions()
        if needs.endswith(".view") and not reads.search(path) and method in MUTATING
    ]

    assert found == []


def test_the_lean_lane_serves_these_routes():
    lean = {path for path, cls in endpoints() if issubclass(cls, LeanEndpoint)}

    assert lean == LEAN
