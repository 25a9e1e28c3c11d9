"""Hints wake whoever watches, in this process and from others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from django.db import connection

from core.actor import OWNER
from core.ids import uuid7
from events.hub import CHANNEL, Hub, payloads, topics_of
from events.record import record
from tests.factories import flow

WITHIN = 10.0  # seconds; a wake-up that never comes fails the test


def watched(hub: Hub, topic: str, act: Callable[[], object]) -> set[str]:
    """What a watcher of `topic` is told after `act` ran on another thread."""

    async def watch() -> set[str]:
        subscription = hub.subscribe([topic])
        try:
            await asyncio.to_thread(act)
            return await asyncio.wait_for(subscription.next(), WITHIN)
        finally:
            subscription.close()

    return asyncio.run(watch())


def gone(hub: Hub) -> bool:
    """Whether the hub's threads end once nobody watches."""
    for thread in threading.enumerate():
        if thread.name.startswith("hub-"):
            thread.join(WITHIN)
            if thread.is_alive():
                return False
    return hub.watched == 0


@pytest.mark.django_db(transaction=True)
def test_a_watcher_is_told_its_topics_and_no_others() -> None:
    hub = Hub()

    told = watched(hub, "run:1", lambda: hub.hint(["run:1", "run:2"]))

    assert told == {"run:1"}
    assert gone(hub)


@pytest.mark.django_db(transaction=True)
def test_a_change_by_another_process_reaches_watchers() -> None:
    hub, subject = Hub(), flow()

    def elsewhere() -> None:
        """As another process would: it has a hub of its own that this one knows not."""
        assert hub.is_listening.wait(WITHIN)
        record("orion.flow.changed", subject=subject, actor=OWNER)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, "flows"])
        connection.close()

    assert watched(hub, "flows", elsewhere) == {"flows"}
    assert gone(hub)


def test_topics_are_packed_into_notices_that_postgres_accepts() -> None:
    topics = {f"run:{uuid7()}" for _ in range(1000)}

    texts = payloads(topics)

    assert all(len(text) < 8000 for text in texts)
    assert set(" ".join(texts).split()) == topics


def test_every_kind_of_resource_has_its_topics() -> None:
    run, task, other = uuid7(), uuid7(), uuid7()

    assert topics_of(f"prefect.flow-run.{run}", None) == {"runs", f"run:{run}"}
    told = topics_of(f"prefect.task-run.{task}", run)
    assert told == {f"task-run:{task}", f"run:{run}"}
    assert topics_of(f"prefect.work-pool.{other}", None) == {"work_pools"}
