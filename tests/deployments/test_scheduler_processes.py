"""Real schedulers, killed at random, beside redeploys: each instant has one run."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from core import clocks
from core.actor import OWNER
from core.dialect import THREE
from deployments import services
from deployments.models import Deployment, Schedule
from runs.models import FlowRun
from tests import factories
from tests.support.server import ROOT, clean_environment

pytestmark = pytest.mark.django_db(transaction=True)

#: Sydney goes back on April 2nd at 16:00 UTC, Mexico City forward 16 hours later
BEGIN = datetime(2022, 4, 2, 15, 0, 0, 1, tzinfo=UTC)
SYDNEY, MEXICO = "Australia/Sydney", "America/Mexico_City"
MINUTELY: list[dict[str, Any]] = [
    {"cron": "* * * * *", "timezone": SYDNEY},
    {"rrule": "DTSTART:20220101T000000\nRRULE:FREQ=MINUTELY", "timezone": MEXICO},
    {"interval": 60.0, "anchor_date": "2022-01-01T00:00:07+00:00"},
]
RARE: list[dict[str, Any]] = [
    {"cron": "30 2 * * *", "timezone": SYDNEY},
    {"cron": "30 2 * * *", "timezone": MEXICO},
    {"cron": "0 * * * *", "timezone": MEXICO},
    {"rrule": "FREQ=HOURLY;BYMINUTE=15", "timezone": SYDNEY},
    {"interval": 86400.0, "anchor_date": "2022-01-01T02:30:00-06:00"},
    {"interval": 5400.0, "anchor_date": "2022-01-01T00:00:00+00:00"},
]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    replicas: int
    deployments: int
    hours: int
    redeploys: int
    kills: int
    instants: int
    seed: int = 20220402


@dataclass(slots=True)
class World:
    """The clock, the schedulers and the deployments."""

    clock: Path
    env: dict[str, str]
    at: datetime = BEGIN
    schedulers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    chance: random.Random = field(default_factory=random.Random)
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    flows: dict[str, Any] = field(default_factory=dict)

    def move(self, by: timedelta) -> None:
        """Let time pass, in every process."""
        self.at += by
        new = self.clock.with_suffix(".new")
        new.write_text(self.at.isoformat())
        new.replace(self.clock)

    def start(self) -> None:
        """One more scheduler."""
        command = [sys.executable, "manage.py", "run_scheduler"]
        with self.clock.with_name("schedulers.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.schedulers.append(process)

    def kill_one(self) -> None:
        """`kill -9` one of them wherever it is, and start another."""
        victim = self.schedulers.pop(self.chance.randrange(len(self.schedulers)))
        victim.kill()
        victim.wait(timeout=30)
        self.start()

    def deploy(self, name: str) -> None:
        """As clients do: the same schedules again, which get new ids."""
        sent = {"schedules": [{"schedule": shape} for shape in self.sent[name]]}
        for _ in range(10):
            try:
                services.apply(
                    self.flows[name],
                    name,
                    sent,
                    actor=OWNER,
                    dialect=THREE,
                    now=self.at,
                )
            except OperationalError:  # a busy machine; clients are told 503
                continue
            return
        raise AssertionError(f"{name} could not be deployed")

    def settle(self) -> None:
        """Return when the schedulers have planned all there is to plan."""
        ends = time.monotonic() + 180
        nudge = time.monotonic() + 5
        while self.is_needy():
            assert time.monotonic() < ends, self.log()
            if time.monotonic() > nudge:  # who had the lock was killed
                self.move(timedelta(milliseconds=1))
                nudge = time.monotonic() + 5
            time.sleep(0.01)

    def is_needy(self) -> bool:
        """Whether a schedule waits for a scheduler."""
        rows = Schedule.objects
        return rows.running_dry(self.at).exists() or rows.fresh().exists()

    def log(self) -> str:
        """What the schedulers printed last."""
        return self.clock.with_name("schedulers.log").read_text()[-4000:]

    def close(self) -> None:
        """End the schedulers."""
        for process in self.schedulers:
            process.kill()
            process.wait(timeout=30)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = tmp_path / "clock"
    env = clean_environment() | {
        "ORION_HOME": str(tmp_path),
        "ORION_DATABASE_URL": address(),
        "ORION_TEST_CLOCK": str(clock),
        "DJANGO_SETTINGS_MODULE": "orion_site.settings.test",
    }
    made = World(clock, env)
    made.move(timedelta(0))
    yield made
    made.close()


def address() -> str:
    """The database of this test, for other processes."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    base = os.environ["ORION_DATABASE_URL"].rsplit("/", 1)
    _, mark, query = base[1].partition("?")
    return f"{base[0]}/{known['NAME']}{mark}{query}"


def size(long: bool) -> Size:
    if long:
        replicas = 2 if connection.vendor == "sqlite" else 4
        return Size(replicas, 6, hours=48, redeploys=500, kills=100, instants=50_000)
    return Size(2, 1, hours=18, redeploys=20, kills=1, instants=3_000)


@pytest.mark.timeout(3600)
def test_every_instant_becomes_exactly_one_run(world: World, long: bool) -> None:
    wanted = size(long)
    world.chance = random.Random(wanted.seed)
    for number in range(wanted.deployments):
        name = f"deployment-{number}"
        world.sent[name] = [*MINUTELY, *RARE]
        world.flows[name] = factories.flow().pk
        world.deploy(name)
    for _ in range(wanted.replicas):
        world.start()
    world.settle()

    live(world, wanted)

    told = check(world)
    print(json.dumps(told))
    assert told["instants"] >= wanted.instants
    assert (told["duplicates"], told["missing"], told["unwanted"]) == (0, 0, 0)


def live(world: World, wanted: Size) -> None:
    """Let time pass in steps, deploy and kill at random moments meanwhile."""
    steps = wanted.hours * 60 // 40
    moves = [timedelta(minutes=40, seconds=world.chance.randrange(60))] * steps
    deploys = Counter(world.chance.choices(range(steps), k=wanted.redeploys))
    kills = Counter(world.chance.choices(range(steps), k=wanted.kills))
    for step, by in enumerate(moves):
        world.move(by)
        names = world.chance.choices(sorted(world.sent), k=deploys[step])
        deploying = threading.Thread(target=deploy_all, args=(world, names))
        deploying.start()
        for _ in range(kills[step]):
            time.sleep(world.chance.random() * 0.2)  # any point of a tick
            world.kill_one()
        deploying.join()
        world.settle()


def deploy_all(world: World, names: list[str]) -> None:
    """Several deploys, from a thread of their own."""
    try:
        for name in names:
            world.deploy(name)
    finally:
        connection.close()


def check(world: World) -> dict[str, int]:
    """What the database holds, beside what the schedules say."""
    told = Counter({"instants": 0, "duplicates": 0, "missing": 0, "unwanted": 0})
    for name, shapes in world.sent.items():
        deployment = Deployment.objects.get(name=name)
        rows = FlowRun.objects.filter(deployment=deployment)
        found = Counter(rows.values_list("schedule_identity", "expected_start_time"))
        identities = {row.identity: row.schedule for row in deployment.schedules.all()}
        assert len(identities) == len(shapes)
        told["duplicates"] += sum(number - 1 for number in found.values())
        for identity, shape in identities.items():
            due = set(clocks.dates(clocks.stored(shape), BEGIN, world.at))
            made = {at for who, at in found if who == identity and at <= world.at}
            told["instants"] += len(due)
            told["missing"] += len(due - made)
            told["unwanted"] += len(made - due)
        told["unwanted"] += sum(1 for who, _ in found if who not in identities)
    return dict(told)
