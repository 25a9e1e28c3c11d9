from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator

from core.actor import OWNER
from dashboard.live import Live, missed
from events import hub
from events.models import Event
from runs.orchestration.engine import propose_flow_run
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

Talk = Callable[[WebsocketCommunicator], Awaitable[object]]


def talk(query: str, script: Talk) -> object:
    """Open the socket with a query, follow a script, close it."""

    async def whole() -> object:
        socket = WebsocketCommunicator(Live.as_asgi(), f"/ui/live?{query}")
        await socket.connect()
        try:
            return await script(socket)
        finally:
            await socket.disconnect()

    return async_to_sync(whole)()


def test_a_page_hears_the_names_of_what_changed():
    id = uuid4()

    async def script(socket):
        hub.hint("runs", f"run:{id}", "deployments")
        return await socket.receive_json_from(timeout=5)

    assert talk(f"t=runs&t=run:{id}", script) == {"changed": [f"run:{id}", "runs"]}


def test_what_changed_while_the_page_loaded_is_told_at_once():
    before = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    run = make.flow_run(make.pending())
    propose_flow_run(run.pk, make.running(), actor=OWNER)

    async def script(socket):
        return await socket.receive_json_from(timeout=5)

    heard = talk(f"t=run:{run.pk}&since={before}", script)

    assert heard == {"changed": [f"run:{run.pk}"]}


def test_nothing_is_said_of_what_the_page_has_seen_or_does_not_watch():
    run = make.flow_run(make.pending())
    propose_flow_run(run.pk, make.running(), actor=OWNER)
    newest = Event.objects.order_by("-seq").values_list("seq", flat=True).first()

    assert missed({"runs", f"run:{run.pk}"}, newest, OWNER) == set()
    assert missed({"deployments"}, 0, OWNER) == set()
    assert missed({f"run:{run.pk}"}, 0, OWNER) == {f"run:{run.pk}"}


@pytest.mark.parametrize(
    "query", ["", "t=secrets", "t=run:1", "t=runs;drop", "&".join(["t=runs"] * 21)]
)
def test_unknown_topics_close_the_socket(query: str):
    async def script(socket):
        return await socket.receive_output(timeout=5)

    assert talk(query, script) == {"type": "websocket.close", "code": 4400}


def test_a_closed_page_is_forgotten():
    watched = hub.hub.watched

    async def script(socket):
        return hub.hub.watched

    during = talk(f"t=run:{uuid4()}", script)

    assert during == watched + 1
    assert hub.hub.watched == watched
