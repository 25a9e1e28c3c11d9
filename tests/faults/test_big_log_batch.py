"""A batch of log lines as large as clients send is stored, whole and in time."""

from __future__ import annotations

from tests.support.server import Server
from tests.support.wire import Wire, encoded

LINES = 12_000
SIZE = 4_000_000


def test_a_batch_of_4_mb_and_12_000_lines_is_stored(server: Server):
    with Wire(server.port) as wire:
        flow = wire.created("/flows/", {"name": "chatty"})["id"]
        run = wire.created("/flow_runs/", {"flow_id": flow})["id"]
        line = {
            "name": "chatty",
            "level": 20,
            "timestamp": "2026-01-01T00:00:00Z",
            "flow_run_id": run,
        }
        width = SIZE // LINES - len(encoded(line | {"message": ""})) - 2
        lines = [line | {"message": f"{n:0{width}}"} for n in range(LINES)]
        body = encoded(lines)

        reply = wire.call("POST", "/logs/", body)

        assert SIZE * 0.98 < len(body) <= SIZE * 1.02
        assert reply.status == 201, reply.content[:500]
        assert reply.seconds < 5
        found = {
            stored["message"]
            for start in range(0, LINES, 200)
            for stored in wire.created(
                "/logs/filter",
                {
                    "logs": {"flow_run_id": {"any_": [run]}},
                    "sort": "TIMESTAMP_ASC",
                    "offset": start,
                    "limit": 200,
                },
            )
        }
        assert found == {line["message"] for line in lines}
