"""Concurrency limits of both kinds, with and without leases."""

from __future__ import annotations

from tests.contract.script import delete, get, patch, post
from tests.golden.script import case

LIMIT = "/v2/concurrency_limits"
ONE = {"name": "limit-$token", "limit": 2}
TAG = {"tag": "tag-$token", "concurrency_limit": 2}
NAMES = {"names": ["limit-$token"], "slots": 1, "mode": "concurrency"}
TAGS = {"names": ["tag-$token"]}

CASES = [
    case(
        "limits/of tags",
        post("/concurrency_limits/", TAG, limit="id"),
        get("/concurrency_limits/tag/tag-$token"),
        get("/concurrency_limits/$limit"),
        post("/concurrency_limits/", {**TAG, "concurrency_limit": 3}),
        post("/concurrency_limits/tag/tag-$token/reset", {}),
        delete("/concurrency_limits/tag/tag-$token"),
        delete("/concurrency_limits/tag/tag-$token"),
        get("/concurrency_limits/tag/tag-$token"),
        get("/concurrency_limits/$nobody"),
        delete("/concurrency_limits/$nobody"),
    ),
    case(
        "limits/slots of tags (3.x)",
        post("/concurrency_limits/", {**TAG, "concurrency_limit": 1}, limit="id"),
        post("/concurrency_limits/increment", {**TAGS, "task_run_id": "$task"}),
        get("/concurrency_limits/tag/tag-$token"),
        post("/concurrency_limits/increment", {**TAGS, "task_run_id": "$other"}),
        post("/concurrency_limits/increment", {**TAGS, "task_run_id": "$task"}),
        post("/concurrency_limits/decrement", {**TAGS, "task_run_id": "$other"}),
        post("/concurrency_limits/decrement", {**TAGS, "task_run_id": "$task"}),
        get("/concurrency_limits/tag/tag-$token"),
        post(
            "/concurrency_limits/increment",
            {"names": ["nobody-$token"], "task_run_id": "$task"},
        ),
        generations=(3,),
    ),
    case(
        "limits/a tag without slots (3.x)",
        post("/concurrency_limits/", {**TAG, "concurrency_limit": 0}),
        post("/concurrency_limits/increment", {**TAGS, "task_run_id": "$task"}),
        generations=(3,),
    ),
    case(
        "limits/global ones",
        post(f"{LIMIT}/", ONE, limit="id"),
        get(f"{LIMIT}/limit-$token"),
        get(f"{LIMIT}/$limit"),
        post(f"{LIMIT}/", ONE),
        patch(f"{LIMIT}/limit-$token", {"limit": 3}),
        get(f"{LIMIT}/limit-$token"),
        delete(f"{LIMIT}/limit-$token"),
        delete(f"{LIMIT}/limit-$token"),
        get(f"{LIMIT}/limit-$token"),
    ),
    case(
        "limits/slots of global ones",
        post(f"{LIMIT}/", ONE, limit="id"),
        post(f"{LIMIT}/increment", NAMES),
        get(f"{LIMIT}/limit-$token"),
        post(f"{LIMIT}/increment", {**NAMES, "slots": 2}),
        post(f"{LIMIT}/increment", {**NAMES, "slots": 3}),
        post(f"{LIMIT}/decrement", {**NAMES, "occupancy_seconds": 1.0}),
        get(f"{LIMIT}/limit-$token"),
        post(f"{LIMIT}/increment", {**NAMES, "mode": "rate_limit"}),
    ),
    case(
        "limits/leases (3.x)",
        post(f"{LIMIT}/", ONE, limit="id"),
        post(
            f"{LIMIT}/increment-with-lease",
            {**NAMES, "lease_duration": 60},
            lease="lease_id",
        ),
        get(f"{LIMIT}/limit-$token"),
        post(f"{LIMIT}/leases/$lease/renew", {"lease_duration": 60}),
        post(f"{LIMIT}/decrement-with-lease", {"lease_id": "$lease"}),
        get(f"{LIMIT}/limit-$token"),
        post(f"{LIMIT}/decrement-with-lease", {"lease_id": "$lease"}),
        post(f"{LIMIT}/leases/$lease/renew", {"lease_duration": 60}),
        post(f"{LIMIT}/increment-with-lease", {**NAMES, "lease_duration": 1}),
        generations=(3,),
    ),
]
