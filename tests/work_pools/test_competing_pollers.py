"""Many pollers of real servers: each run is claimed once, in order; nothing clogs."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.server import Server
from tests.work_pools.seeding import seed

THREE = {"User-Agent": "prefect/3.8.8 (API 0.8.4)"}
TAKE = 10


@pytest.fixture(scope="module")
def second(
    database_url: str, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Another server on the same database."""
    other = Server(tmp_path_factory.mktemp("second"), database_url)
    other.start()
    yield other
    other.close()


@dataclass
class Race:
    """What pollers did, in the order in which they did it."""

    priorities: dict[str, int]
    claimed: list[tuple[int, str, str]] = field(default_factory=list)
    refused: int = 0
    unsorted: int = 0

    def key(self, offered: dict[str, Any]) -> tuple[int, str, str]:
        """Where a run belongs."""
        run = offered["flow_run"]
        priority = self.priorities[offered["work_queue_id"]]
        return priority, run["next_scheduled_start_time"], run["id"]


def client(server: Server) -> httpx.Client:
    """A connection of a 3.x client."""
    base = f"{server.url}/api"
    return httpx.Client(base_url=base, timeout=60, trust_env=False, headers=THREE)


def poll(api: httpx.Client, pool: str, limit: int = TAKE) -> list[dict[str, Any]]:
    """What a worker of the pool is offered."""
    soon = (datetime.now(UTC) + timedelta(seconds=10)).isoformat()
    address = f"/work_pools/{pool}/get_scheduled_flow_runs"
    answer = api.post(address, json={"scheduled_before": soon, "limit": limit})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def propose(api: httpx.Client, run: str, state: str) -> str:
    """The status of the answer to a proposed state; a busy server is asked again."""
    body = {"state": {"type": state}}
    for _ in range(5):
        answer = api.post(f"/flow_runs/{run}/set_state", json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["status"])


def take_all(server: Server, pool: str, race: Race) -> None:
    """Ask and claim until nothing is offered."""
    with client(server) as api:
        while offered := poll(api, pool):
            keys = [race.key(one) for one in offered]
            race.unsorted += keys != sorted(keys)
            for key in keys:
                if propose(api, key[2], "PENDING") == "ACCEPT":
                    race.claimed.append(key)
                else:
                    race.refused += 1


@pytest.mark.timeout(1800)
def test_pollers_claim_each_run_once_in_order(
    server: Server, second: Server, long: bool
) -> None:
    runs, pollers = (5000, 20) if long else (150, 6)
    seed(server, "race", runs, 3)
    with client(server) as api:
        queues = api.post("/work_pools/race/queues/filter", json={}).json()
    race = Race({queue["id"]: queue["priority"] for queue in queues})
    servers = itertools.cycle((server, second))
    threads = [
        threading.Thread(target=take_all, args=(next(servers), "race", race))
        for _ in range(pollers)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counted = Counter(id for _, _, id in race.claimed)
    assert len(counted) == runs
    assert counted.most_common(1)[0][1] == 1
    assert race.unsorted == 0
    # a run waits for those before it, save those that other pollers hold in their hands
    in_hands = pollers * TAKE
    places = {key: place for place, key in enumerate(sorted(race.claimed))}
    moved = [abs(places[key] - at) for at, key in enumerate(race.claimed)]
    assert max(moved) <= 2 * in_hands


def test_a_backlog_behind_a_limit_lets_others_through(
    server: Server, long: bool
) -> None:
    seed(server, "backlog", "clogged", 1000 if long else 300, 10)

    with client(server) as api:
        deployments = api.post("/deployments/filter", json={}).json()
        names = {found["id"]: found["name"] for found in deployments}
        started: dict[str, list[str]] = {"one": [], "free": []}
        for _ in range(2):
            for offered in poll(api, "clogged"):
                run = offered["flow_run"]
                if propose(api, run["id"], "PENDING") == "ACCEPT":
                    started[names[run["deployment_id"]]].append(run["id"])
        assert len(started["free"]) == 10
        assert len(started["one"]) == 1

        due = []
        for _ in range(5):
            assert poll(api, "clogged") == []  # the slot is taken
            assert propose(api, started["one"][-1], "RUNNING") == "ACCEPT"
            assert propose(api, started["one"][-1], "COMPLETED") == "ACCEPT"
            (offered,) = poll(api, "clogged")
            run = offered["flow_run"]
            assert propose(api, run["id"], "PENDING") == "ACCEPT"
            started["one"].append(run["id"])
            due.append(run["next_scheduled_start_time"])
        assert due == sorted(due)


def test_idle_polls_write_nothing_but_a_sign_of_life(
    server: Server, second: Server
) -> None:
    with client(server) as api, client(second) as other:
        api.post("/work_pools/", json={"name": "idle", "type": "process"})
        poll(api, "idle")
        read = "/work_pools/idle/queues/default"
        noted = api.get(read).json()["last_polled"]
        for _ in range(20):
            assert poll(api, "idle") == poll(other, "idle") == []
        again = api.get(read).json()["last_polled"]

    apart = datetime.fromisoformat(again) - datetime.fromisoformat(noted)
    assert apart == timedelta() or apart >= timedelta(seconds=10)
