from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from api.sockets import inlet
from api.sockets.inlet import BATCH, MOST, Inlet


class Shelf:
    """Stores in memory; may be shut, or refuse a number of times."""

    def __init__(self, *, refusals: int = 0) -> None:
        self.batches: list[list[str]] = []
        self.refusals = refusals
        self.open = asyncio.Event()
        self.open.set()

    async def store(self, frames: Sequence[str]) -> None:
        await self.open.wait()
        if self.refusals:
            self.refusals -= 1
            raise OperationalError("database is locked")
        self.batches.append(list(frames))

    @property
    def frames(self) -> list[str]:
        return [frame for batch in self.batches for frame in batch]


def run(story) -> None:
    """Run an async test with a time limit."""

    async def limited() -> None:
        async with asyncio.timeout(20):
            await story()

    asyncio.run(limited())


def test_frames_that_arrive_together_are_stored_together():
    async def story() -> None:
        shelf = Shelf()
        inlet = Inlet(shelf.store)

        last = [await inlet.take(str(number)) for number in range(100)][-1]
        await inlet.settled(last)

        assert shelf.batches == [[str(number) for number in range(100)]]

    run(story)


def test_a_batch_has_a_size_and_keeps_the_order():
    async def story() -> None:
        shelf = Shelf()
        inlet = Inlet(shelf.store)
        sent = [str(number) for number in range(2 * BATCH + 1)]

        for frame in sent:
            last = await inlet.take(frame)
        await inlet.settled(last)

        assert max(map(len, shelf.batches)) == BATCH
        assert shelf.frames == sent

    run(story)


def test_what_the_database_refuses_is_tried_again(monkeypatch):
    monkeypatch.setattr(inlet, "RETRY", 0.01)

    async def story() -> None:
        shelf = Shelf(refusals=3)
        inlet = Inlet(shelf.store)

        await inlet.settled(await inlet.take("a"))

        assert shelf.frames == ["a"]

    run(story)


def test_a_full_inlet_makes_clients_wait_and_loses_nothing():
    async def story() -> None:
        shelf = Shelf()
        shelf.open.clear()
        inlet = Inlet(shelf.store)
        for number in range(MOST):
            await inlet.take(str(number))
        one_more = asyncio.create_task(inlet.take("one more"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(one_more), 0.1)

        shelf.open.set()
        await inlet.settled(await one_more)

        assert len(shelf.frames) == MOST + 1
        assert shelf.frames[-1] == "one more"

    run(story)


def test_frames_after_a_quiet_time_are_stored_too():
    async def story() -> None:
        shelf = Shelf()
        inlet = Inlet(shelf.store)

        await inlet.settled(await inlet.take("a"))
        await inlet.settled(await inlet.take("b"))

        assert shelf.batches == [["a"], ["b"]]

    run(story)
