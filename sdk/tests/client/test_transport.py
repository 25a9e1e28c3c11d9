from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sdk.tests.client.fake import FakeApi

from orion.client.transport import API_VERSION, Response, Transport, encode
from orion.exceptions import ApiUnreachable, HTTPStatusError, IncompatibleApi
from orion.settings import ApiSettings, Settings

OK = (200, {"answer": 42})


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def transport(api: FakeApi, pauses: list[float]) -> Iterator[Transport]:
    transport = make(api.url, pauses)
    yield transport
    transport.close()


def make(url: str, pauses: list[float], **options: Any) -> Transport:
    settings = Settings(api=ApiSettings(url=url, **options))
    return Transport(settings, pause=pauses.append, dice=lambda: 1.0)


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(
    status: int, api: FakeApi, transport: Transport
) -> None:
    api.replies["POST", "/logs/"] = [(status, {"detail": "later"}), OK]

    answer = transport.request("POST", "/logs/", json=[1])

    assert answer.json() == {"answer": 42}
    assert [asked.body for asked in api.asked] == [[1], [1]]


def test_the_server_says_how_long_to_wait(
    api: FakeApi, transport: Transport, pauses: list[float]
) -> None:
    api.replies["GET", "/x"] = [(503, None, {"Retry-After": "7.5"}), OK]

    transport.request("GET", "/x")

    assert pauses == [7.5]


def test_pauses_grow_and_the_last_answer_is_the_error(
    api: FakeApi, transport: Transport, pauses: list[float]
) -> None:
    api.replies["GET", "/x"] = [(503, {"exception_message": "busy"})]

    with pytest.raises(HTTPStatusError, match="busy") as caught:
        transport.request("GET", "/x")

    assert caught.value.status == 503
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert len(api.asked) == 5


def test_a_wait_beyond_the_limit_is_not_begun(
    api: FakeApi, transport: Transport, pauses: list[float]
) -> None:
    api.replies["GET", "/x"] = [(503, None, {"Retry-After": "3600"})]

    with pytest.raises(HTTPStatusError):
        transport.request("GET", "/x")

    assert pauses == []


def test_without_retry_there_is_one_try(api: FakeApi, transport: Transport) -> None:
    api.replies["GET", "/x"] = [(503, None)]

    with pytest.raises(HTTPStatusError):
        transport.request("GET", "/x", retry=False)

    assert len(api.asked) == 1


def test_a_refusal_is_an_error_at_once_with_status_and_body(
    api: FakeApi, transport: Transport
) -> None:
    with pytest.raises(
        HTTPStatusError, match="GET /nothing was answered 404"
    ) as caught:
        transport.request("GET", "/nothing")

    assert caught.value.status == 404
    assert "Not Found" in caught.value.body
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Flow not found"}, "422: Flow not found"),
        ({"exception_message": "Unauthorized"}, "422: Unauthorized"),
        (
            {
                "exception_message": "Invalid request received.",
                "exception_detail": [{"loc": ["body", "name"], "msg": "too long"}],
                "request_body": {"name": "x" * 9000},
            },
            "422: Invalid request received. body.name: too long",
        ),
        (["no", "object"], '422: ["no", "object"]'),
    ],
)
def test_a_refusal_is_told_in_one_line(
    body: object, said: str, api: FakeApi, transport: Transport
) -> None:
    api.replies["GET", "/x"] = [(422, body)]

    with pytest.raises(HTTPStatusError) as caught:
        transport.request("GET", "/x")

    assert str(caught.value) == f"GET /x was answered {said}"


def test_a_server_that_is_not_there_is_named(pauses: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"

        with pytest.raises(ApiUnreachable, match=rf"{url} .*tried 5 times"):
            make(url, pauses).request("GET", "/x")

    assert len(pauses) == 4


@pytest.mark.parametrize(
    ("url", "found"), [("", "no address"), ("localhost:4200", "'localhost:4200'")]
)
def test_without_a_usable_address_the_error_says_what_to_set(
    url: str, found: str, pauses: list[float]
) -> None:
    with pytest.raises(ApiUnreachable, match=f"found {found}: set ORION_API_URL"):
        make(url, pauses).request("GET", "/x")

    assert pauses == []


def test_an_answer_that_is_a_page_is_said_to_be_one(
    api: FakeApi, transport: Transport
) -> None:
    api.replies["GET", "/x"] = [(200, "a page")]
    answer = transport.request("GET", "/x")
    page = Response(200, b"<!doctype html>", answer.headers)

    with pytest.raises(IncompatibleApi, match="does ORION_API_URL end in /api"):
        page.json()


def test_an_answer_that_takes_too_long_is_given_up(pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = make(f"http://127.0.0.1:{silent.getsockname()[1]}", pauses)

        with pytest.raises(ApiUnreachable, match="tried once"):
            transport.request("GET", "/x", retry=False, timeout=0.1)

        transport.close()


def test_the_client_says_who_it_is(api: FakeApi, transport: Transport) -> None:
    api.replies["GET", "/x"] = [OK]

    transport.request("GET", "/x")

    headers = api.asked[0].headers
    assert headers["user-agent"] == f"orion/0.1.0 (API {API_VERSION})"
    assert headers["x-prefect-api-version"] == API_VERSION
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"key": "k1"}, "Bearer k1"),
        ({"auth_string": "user:päss"}, "Basic dXNlcjpww6Rzcw=="),
        ({"key": "k1", "auth_string": "user:pass"}, "Bearer k1"),
        ({"headers": {"Authorization": "Own 1"}, "key": "k1"}, "Own 1"),
    ],
)
def test_credentials_are_sent_and_never_shown(
    options: dict[str, Any], expected: str, api: FakeApi, pauses: list[float]
) -> None:
    transport = make(api.url, pauses, **options)

    with pytest.raises(HTTPStatusError) as caught:
        transport.request("GET", "/x")
    transport.close()

    assert api.asked[0].headers["authorization"] == expected
    shown = repr(transport) + repr(transport.settings) + str(caught.value)
    assert not {"k1", "päss", "Own"} & set(shown.replace("'", " ").split())


def test_one_connection_is_used_again(api: FakeApi, transport: Transport) -> None:
    api.replies["GET", "/x"] = [OK]

    for _ in range(3):
        transport.request("GET", "/x")

    assert len({asked.client for asked in api.asked}) == 1


def test_threads_share_a_few_connections(api: FakeApi, transport: Transport) -> None:
    api.replies["GET", "/x"] = [OK]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: transport.request("GET", "/x"), range(120)))

    assert [answer.status for answer in answers] == [200] * 120
    assert len({asked.client for asked in api.asked}) <= 4


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    api: FakeApi, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    api.replies["GET", "/x"] = [OK]

    assert transport.request("GET", "/x").status == 200


def test_a_csrf_token_is_fetched_when_the_server_wants_one(
    api: FakeApi, transport: Transport
) -> None:
    def refuse_without_token(asked: Any) -> Any:
        if asked.headers.get("prefect-csrf-token") == "t0ken":
            return OK
        return 403, {"detail": "Missing CSRF token."}

    api.replies["POST", "/flows/"] = refuse_without_token
    api.find = lambda asked: (  # type: ignore[method-assign]
        [(200, {"token": "t0ken"})]
        if asked.path.startswith("/csrf-token?client=")
        else refuse_without_token
    )

    assert transport.request("POST", "/flows/", json={}).status == 200


def test_an_address_that_points_elsewhere_is_an_error_that_says_where(
    api: FakeApi, transport: Transport
) -> None:
    api.replies["GET", "/x"] = [(307, None, {"Location": "https://other.example/x"})]

    with pytest.raises(HTTPStatusError, match=r"https://other.example/x"):
        transport.request("GET", "/x")


def test_another_major_version_is_refused(api: FakeApi, transport: Transport) -> None:
    api.replies["GET", "/x"] = [(200, None, {"Orion-Api-Version": "7.1.0"})]

    with pytest.raises(IncompatibleApi, match=r"7\.1\.0"):
        transport.request("GET", "/x")


def test_nan_is_not_sent() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        encode({"value": float("nan")})


def test_the_http_library_is_loaded_by_the_first_request_only() -> None:
    program = (
        "import sys, orion, orion.settings, orion.client.transport as t;"
        "t.Transport(orion.settings.settings());"
        "print([m for m in ('httpx', 'asyncio', 'pydantic') if m in sys.modules])"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"
