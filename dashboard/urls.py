"""Addresses of the pages, of the live socket, and of what other dashboards printed."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.deployments import urls as deployments
from dashboard.docs import views as docs
from dashboard.flows import detail as flow
from dashboard.flows import views as flows
from dashboard.frame import views as frame
from dashboard.home import views as home
from dashboard.live import Live
from dashboard.runs import urls as runs
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
    *runs.routes,
    path("task-runs/<uuid:id>", frame.task_run, name="task-run"),
    path("flows", flows.flows, name="flows"),
    path("flows/<uuid:id>", flow.flow, name="flow"),
    path("flows/<uuid:id>/<slug:tab>", flow.flow, name="flow-tab"),
    *deployments.routes,
    *work_pools,
    *system,
    path("ui/theme", frame.theme, name="theme"),
    path("favicon.ico", frame.favicon),
    path("docs", docs.swagger, name="swagger"),
    path("redoc", docs.redoc, name="redoc"),
    *INHERITED,
]

socket_urls = [path("ui/live", Live.as_asgi())]
