"""A program that runs beside the server: pools, queues, workers and waiting runs."""

from __future__ import annotations

POOLS = """
import django; django.setup()
from datetime import timedelta
from core.clock import now
from runs.models import Pulse
from tests import factories as make
from work_pools.models import WorkQueue
from work_pools.worker_types import PROCESS
template = PROCESS["default_base_job_configuration"]
local = make.work_pool(name="local", concurrency_limit=4, description="under the desk",
    base_job_template=template)
high = make.work_queue(local, name="high", priority=2, concurrency_limit=2)
make.work_queue(local, name="a-queue-with-quite-a-long-name", priority=3,
    is_paused=True)
WorkQueue.objects.filter(pool=local).update(last_polled=now())
make.worker(local, name="ProcessWorker 3f2a")
shut = make.work_pool(name="k8s-prod", type="kubernetes", is_paused=True)
make.work_pool(name="gpu", concurrency_limit=2)
make.work_queue(make.work_pool(name="default-agent-pool", type="prefect-agent"),
    name="etl", filter={"tags": ["prod"]})
agent = make.agent(name="desk-1", host="desk-1.example", work_pool="local", limit=3)
nightly = make.deployment(name="nightly", flow=make.flow(name="sync-crm"),
    work_queue=shut.default_queue)
main = make.deployment(name="main", flow=make.flow(name="score-leads"), work_queue=high)
for minutes in (41, 6):
    make.flow_run(make.late(timedelta(minutes=minutes)), deployment=nightly,
        work_queue=shut.default_queue)
make.flow_run(make.failed("ConnectTimeout: " + "warehouse.internal:5432 " * 9),
    deployment=main, work_queue=high)
run = make.flow_run(make.running(), name="calm-heron", deployment=main, work_queue=high)
Pulse.objects.create(flow_run=run, last_seen=now(), interval_seconds=10,
    source="desk-1", pid=5001)
make.flow_run(make.scheduled(now() + timedelta(minutes=7)), deployment=main,
    work_queue=high)
"""
