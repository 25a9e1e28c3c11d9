"""Programs that run beside the server, on the same database: rows for the pages."""

from __future__ import annotations

# Runs in a process of its own, beside the server, on the same database.
SETUP = "import django; django.setup(); from tests import factories as make\n"
SEED = (
    SETUP
    + """
import json
from datetime import timedelta
from core.clock import now
pool = make.work_pool(name="k8s-prod", is_paused=True)
deployment = make.deployment(
    name="prod", flow=make.flow(name="daily-etl"), tags=["prod"],
    work_queue=pool.default_queue, schedules=[{"interval": 900}],
)
for n in range(60):
    state = make.failed("KeyError: 'region'") if n % 9 == 0 else make.completed()
    make.flow_run(
        state, name=f"steady-otter-{n}", deployment=deployment, tags=["prod"],
        at=now() - timedelta(minutes=10 * n + 5), total_run_time=60.0 + n,
        work_queue=pool.default_queue,
    )
make.flow_run(make.late(), deployment=deployment, work_queue=pool.default_queue)
make.flow_run(make.scheduled(now() + timedelta(hours=1)), deployment=deployment)
failed = make.flow_run(make.failed("1 of 3 states failed"), name="vivid-stoat",
    deployment=deployment, parameters={"region": "eu", "long": "x" * 300})
for n, state in enumerate([make.completed(), make.failed("no answer")]):
    make.task_run(state, flow_run=failed, name=f"a-task-with-quite-a-long-name-{n}")
for n in range(30):
    make.log(failed, f"line {n} " + "word " * 40, level=(n % 5 + 1) * 10)
running = make.flow_run(make.running(), name="calm-heron", deployment=deployment)
make.task_run(make.running(), flow_run=running)
spare = make.flow_run(make.failed(), name="spare-wren")
ids = {"failed": failed, "running": running, "spare": spare}
print(json.dumps({name: str(run.pk) for name, run in ids.items()}))
"""
)
PROPOSE = (
    SETUP
    + """
import sys, time
from uuid import UUID
from core.actor import OWNER
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Proposal
for line in sys.stdin:
    id, type, name = line.split()
    propose_flow_run(UUID(id), Proposal(type, name), actor=OWNER, force=True)
    print(time.time(), flush=True)
"""
)
