"""The rooms under `/api`."""

from __future__ import annotations

from django.urls import include, path

from api.base.routing import unknown

# the busiest first: addresses are tried in this order
ROOMS: list[tuple[str, str]] = [
    ("flow_runs/", "api.flow_runs.urls"),
    ("task_runs/", "api.task_runs.urls"),
    ("logs/", "api.logs.urls"),
    ("work_pools/", "api.work_pools.urls"),
    ("work_queues/", "api.work_queues.urls"),
    ("x/v1/", "api.heartbeats.urls"),
    ("deployments/", "api.deployments.urls"),
    ("flows/", "api.flows.urls"),
    ("admin/", "api.server.urls"),
    ("x/v1/", "api.why.urls"),
    ("x/v1/", "api.planning.urls"),
    ("block_types/", "api.block_types.urls"),
    ("block_schemas/", "api.block_schemas.urls"),
    ("block_documents/", "api.block_documents.urls"),
    ("block_capabilities/", "api.block_schemas.capabilities"),
    ("concurrency_limits/", "api.concurrency_limits.urls"),
    ("v2/concurrency_limits/", "api.concurrency_limits_v2.urls"),
    ("collections/", "api.collections.urls"),
    ("automations/", "api.automations.urls"),
    ("", "api.run_states.urls"),
    ("", "api.root.urls"),
]

urlpatterns = [
    *(path(prefix, include(module)) for prefix, module in ROOMS),
    path("<path:rest>", unknown),
]
