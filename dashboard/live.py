"""The one socket of a page: names of changed things, never HTML."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from core.actor import OWNER, Actor
from events import hub
from events.models import Event

MOST = 20  # topics of one page
REST = 1.0  # seconds between two messages; what changes meanwhile is merged
BEHIND = 2000  # events looked through for what a page missed while it loaded
TOPIC = re.compile(
    r"^(runs|flows|deployments|work_pools|work_queues|system"
    r"|(run|logs|task-run):[0-9a-f-]{36})$"
)
UNKNOWN_TOPIC = 4400


class Live(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Tells a page which of its topics changed."""

    subscription: hub.Subscription | None = None
    teller: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Watch the topics of the query, `?t=runs&t=run:<id>&since=<event>`."""
        asked = parse_qs(self.scope["query_string"].decode("latin1"))
        topics = asked.get("t", [])
        await self.accept()
        if not topics or len(topics) > MOST or not all(map(TOPIC.match, topics)):
            await self.close(code=UNKNOWN_TOPIC)
            return
        self.subscription = hub.subscribe(topics)
        since = asked.get("since", [""])[0]
        missed = await _missed(topics, int(since)) if since.isdecimal() else set()
        self.teller = asyncio.create_task(self._tell(missed))

    async def disconnect(self, code: int) -> None:
        """Stop watching."""
        if self.teller is not None:
            self.teller.cancel()
        if self.subscription is not None:
            self.subscription.close()

    async def receive(self, **frame: Any) -> None:
        """Pages have nothing to say."""

    async def _tell(self, changed: set[str]) -> None:
        while self.subscription is not None:
            if changed:
                await self.send(text_data=json.dumps({"changed": sorted(changed)}))
                await asyncio.sleep(REST)
            changed = await self.subscription.next()


@database_sync_to_async  # type: ignore[untyped-decorator]
def _missed(topics: list[str], since: int) -> set[str]:
    """The topics that changed between the page's reading and its socket's opening."""
    return missed(set(topics), since, OWNER)


def missed(topics: set[str], since: int, actor: Actor) -> set[str]:
    """Which topics the feed names behind event number `since`."""
    rows = Event.objects.filter(seq__gt=since, workspace_id=actor.workspace_id)
    found: set[str] = set()
    named = rows.order_by("seq").values_list("resource_id", "flow_run_id")
    for resource_id, flow_run_id in named[:BEHIND]:
        found |= hub.topics_of(resource_id, flow_run_id)
    return topics & found
