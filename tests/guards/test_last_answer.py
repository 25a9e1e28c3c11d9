"""An error that escapes from a view is answered without a trace."""

from __future__ import annotations

from django.test import RequestFactory
from django.urls import get_resolver

from orion_site.problems import server_error


def test_api_errors_keep_the_contracts_shape(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/api/flows/"))

    assert answer.status_code == 500
    assert answer.content == b'{"exception_message":"Internal Server Error"}'


def test_pages_get_a_plain_page(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/runs"))

    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content


def test_the_site_uses_it() -> None:
    assert get_resolver().resolve_error_handler(500) is server_error
