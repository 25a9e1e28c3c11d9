"""Addresses of the pages, of the live socket, and of what other dashboards printed."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.deployments import views as deployments
from dashboard.docs import views as docs
from dashboard.flows import views as flows
from dashboard.frame import views as frame
from dashboard.home import views as home
from dashboard.live import Live
from dashboard.runs import lists
from dashboard.runs import views as runs
from dashboard.system.urls import routes as system
from dashboard.work_pools.urls import routes as work_pools

app_name = "dashboard"


def _moved(address: str, to: str) -> list[URLPattern]:
    """The address and its twin below `v2/`, both answered 301."""
    known = {"to": f"dashboard:{to}"}
    return [path(f"{prefix}{address}", frame.moved, known) for prefix in ("", "v2/")]


INHERITED = [
    *_moved("dashboard", "home"),
    *_moved("flow-runs", "runs"),
    *_moved("flow-runs/flow-run/<uuid:id>", "run"),
    *_moved("runs/flow-run/<uuid:id>", "run"),
    *_moved("task-runs/task-run/<uuid:id>", "task-run"),
    *_moved("runs/task-run/<uuid:id>", "task-run"),
    *_moved("flows/flow/<uuid:id>", "flow"),
    *_moved("deployments/deployment/<uuid:id>", "deployment"),
    *_moved("work-pools/work-pool/<str:name>", "work-pool"),
    *_moved("work-pools/work-pool/<str:pool>/queue/<str:name>", "work-queue"),
    *_moved("work-queues/work-queue/<uuid:id>", "work-queue-by-id"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("runs", lists.flow_runs, name="runs"),
    path("runs/<uuid:id>", runs.flow_run, name="run"),
    path("runs/<uuid:id>/<slug:tab>", runs.flow_run, name="run-tab"),
    path("task-runs/<uuid:id>", frame.task_run, name="task-run"),
    path("flows", flows.flows, name="flows"),
    path("flows/<uuid:id>", flows.flow, name="flow"),
    path("deployments", deployments.deployments, name="deployments"),
    path("deployments/<uuid:id>", deployments.deployment, name="deployment"),
    path("deployments/<uuid:id>/run", deployments.run, name="deployment-run"),
    *work_pools,
    *system,
    path("ui/theme", frame.theme, name="theme"),
    path("favicon.ico", frame.favicon),
    path("docs", docs.swagger, name="swagger"),
    path("redoc", docs.redoc, name="redoc"),
    *INHERITED,
]

socket_urls = [path("ui/live", Live.as_asgi())]
