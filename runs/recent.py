"""The last runs of each of many flows or deployments, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from core.sql import time_out, uuid_in, uuid_out
from runs.models.run import estimated_run_time

# One branch per owner: each reads a few entries of the (owner, start) index. The
# clause on the state keeps out what has not begun, as the list does.
_BRANCH = {
    "flow": (
        "SELECT * FROM (SELECT flow_id, id, name, state_type, state_name, "
        "state_timestamp, COALESCE(start_time, expected_start_time) AS started, "
        "total_run_time FROM orion_runs_flowrun WHERE flow_id = %s AND "
        "(state_type <> 'SCHEDULED' OR start_time IS NOT NULL) "
        "ORDER BY COALESCE(start_time, expected_start_time) DESC LIMIT %s) AS part"
    ),
    "deployment": (
        "SELECT * FROM (SELECT deployment_id, id, name, state_type, state_name, "
        "state_timestamp, COALESCE(start_time, expected_start_time) AS started, "
        "total_run_time FROM orion_runs_flowrun WHERE deployment_id = %s AND "
        "(state_type <> 'SCHEDULED' OR start_time IS NOT NULL) "
        "ORDER BY COALESCE(start_time, expected_start_time) DESC LIMIT %s) AS part"
    ),
}


@dataclass(frozen=True, slots=True)
class RecentRun:
    """As much of a run as a small picture of it needs."""

    id: UUID
    name: str
    state_type: str | None
    state_name: str | None
    started: datetime | None
    seconds: float


def recent(
    owner: Literal["flow", "deployment"],
    ids: Collection[UUID],
    *,
    most: int,
    now: datetime,
) -> dict[UUID, list[RecentRun]]:
    """The newest `most` runs of each owner, oldest first."""
    if not ids:
        return {}
    sql = " UNION ALL ".join([_BRANCH[owner]] * len(ids))
    values = [value for id in ids for value in (uuid_in(id), most)]
    found: dict[UUID, list[RecentRun]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for of, id, name, type, title, since, started, total in cursor.fetchall():
            key, own = uuid_out(of), uuid_out(id)
            if key is None or own is None:
                continue
            seconds = estimated_run_time(total, type, time_out(since), now)
            run = RecentRun(own, name, type, title, time_out(started), seconds)
            found.setdefault(key, []).append(run)
    for runs in found.values():
        runs.sort(key=lambda run: (run.started is not None, run.started))
    return found


def newest(runs: list[RecentRun] | None) -> RecentRun | None:
    """The last of an owner's runs."""
    return runs[-1] if runs else None
