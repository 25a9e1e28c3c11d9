"""The schedules of deployments, in the forms of both generations."""

from __future__ import annotations

from tests.contract.script import COUNT, delete, deployment, flow, get, patch, post
from tests.golden.script import case

HERE = "/deployments/$deployment"
ROWS = f"{HERE}/schedules"
HOURLY = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00+00:00"}
DAILY = {"cron": "0 9 * * *", "timezone": "Europe/Berlin"}
RULE = {"rrule": "DTSTART:20260101T000000\nFREQ=DAILY;COUNT=9", "timezone": "UTC"}
RUNS = {
    "flow_runs": {
        "deployment_id": {"any_": ["$deployment"]},
        "expected_start_time": {"before_": "2026-02-02T00:00:00Z"},
    }
}

CASES = [
    case(
        "schedules/of each kind",
        flow(),
        deployment(
            schedules=[
                {"schedule": HOURLY, "active": True},
                {"schedule": DAILY, "active": False},
                {"schedule": RULE, "active": True, "max_scheduled_runs": 5},
            ]
        ),
        get(ROWS),
    ),
    case(
        "schedules/added, changed, removed",
        flow(),
        deployment(),
        post(ROWS, [{"schedule": HOURLY, "active": True}], schedule="id"),
        patch(f"{ROWS}/$schedule", {"active": False}),
        get(ROWS),
        patch(f"{ROWS}/$schedule", {"schedule": DAILY}),
        get(ROWS),
        patch(f"{ROWS}/$nobody", {"active": False}),
        delete(f"{ROWS}/$schedule"),
        delete(f"{ROWS}/$schedule"),
        get(ROWS),
        get("/deployments/$nobody/schedules"),
        post("/deployments/$nobody/schedules", [{"schedule": HOURLY}]),
    ),
    case(
        "schedules/refused",
        flow(),
        deployment(),
        post(ROWS, [{"schedule": {"interval": 0}}]),
        post(ROWS, [{"schedule": {"cron": "x"}}]),
        post(ROWS, [{"schedule": {"rrule": "FREQ=NEVER"}}]),
        post(ROWS, [{"schedule": {**DAILY, "timezone": "Nowhere/City"}}]),
        post(ROWS, [{}]),
    ),
    case(
        "schedules/replaced by a patch of the deployment",
        flow(),
        deployment(schedules=[{"schedule": HOURLY, "active": True}]),
        patch(HERE, {"schedules": [{"schedule": DAILY, "active": False}]}),
        get(ROWS),
        patch(HERE, {"schedules": []}),
        get(ROWS),
    ),
    case(
        "schedules/2.x single schedule",
        flow(),
        deployment(schedule=HOURLY, is_schedule_active=True),
        get(HERE),
        patch(HERE, {"schedule": DAILY}),
        get(HERE),
        patch(HERE, {"is_schedule_active": False}),
        get(HERE),
        post(f"{HERE}/set_schedule_active"),
        get(HERE),
        post(f"{HERE}/set_schedule_inactive"),
        get(HERE),
        generations=(2,),
    ),
    case(
        "schedules/2.x several and the single one",
        flow(),
        deployment(
            schedules=[
                {"schedule": HOURLY, "active": True},
                {"schedule": DAILY, "active": True},
            ]
        ),
        patch(HERE, {"schedule": RULE}),
        post(f"{HERE}/set_schedule_inactive"),
        post(f"{HERE}/set_schedule_active"),
        generations=(2,),
    ),
    case(
        "schedules/2.x catch-up and limits",
        flow(),
        deployment(
            schedules=[
                {
                    "schedule": HOURLY,
                    "active": True,
                    "catchup": True,
                    "max_active_runs": 2,
                    "max_scheduled_runs": 4,
                }
            ]
        ),
        generations=(2,),
    ),
    case(
        "schedules/3.x parameters and slugs",
        flow(),
        deployment(
            schedules=[
                {"schedule": HOURLY, "slug": "a", "parameters": {"n": 1}},
                {"schedule": DAILY, "slug": "b"},
            ]
        ),
        patch(HERE, {"schedules": [{"slug": "a", "active": False}]}),
        get(HERE),
        patch(HERE, {"schedules": [{"slug": "c", "schedule": RULE}]}),
        get(HERE),
        patch(HERE, {"schedules": [{"slug": "d"}]}),
        patch(HERE, {"schedules": [{"schedule": RULE}]}),
        generations=(3,),
    ),
    case(
        "schedules/planned by hand, also for the past",
        flow(),
        deployment(schedules=[{"schedule": HOURLY, "active": True}]),
        post(
            f"{HERE}/schedule",
            {
                "start_time": "2026-02-01T00:00:00Z",
                "end_time": "2026-02-01T05:00:00Z",
                "min_runs": 3,
            },
        ),
        post("/flow_runs/filter", RUNS, COUNT),
        post(
            f"{HERE}/schedule",
            {
                "start_time": "2026-02-01T00:00:00Z",
                "end_time": "2026-02-01T05:00:00Z",
                "min_runs": 3,
            },
        ),
        post("/flow_runs/count", RUNS),
    ),
]
