"""Facts about the current run that never raise: empty outside of a run.

Each can be set from outside: `ORION__RUNTIME__FLOW_RUN__NAME=test`.
"""

from __future__ import annotations

import os
from typing import Any

from orion.context import FlowRunContext, TaskRunContext, current

PREFIXES = ("ORION__RUNTIME__", "PREFECT__RUNTIME__")


class _Facts:
    """Attributes of one kind of run."""

    kind = ""
    fields: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in self.fields:
            raise AttributeError(f"runtime.{self.kind} has no field {name!r}")
        for prefix in PREFIXES:
            given = os.environ.get(f"{prefix}{self.kind}__{name}".upper())
            if given is not None:
                return given
        found = self._read(name)
        empty = self.fields[name]
        return found if found is not None else (empty() if empty else None)

    def __dir__(self) -> list[str]:
        return sorted(self.fields)

    def _read(self, name: str) -> Any:
        raise NotImplementedError


def _flow() -> FlowRunContext | None:
    ctx = current.get()
    return ctx.flow_context if ctx else None


class _FlowRun(_Facts):
    kind = "flow_run"
    fields = {
        "id": None,
        "name": None,
        "flow_name": None,
        "flow_version": None,
        "tags": list,
        "parameters": dict,
        "run_count": int,
        "scheduled_start_time": None,
        "parent_flow_run_id": None,
        "root_flow_run_id": None,
        "deployment_id": None,
        "api_url": None,
        "ui_url": None,
        "work_pool_name": None,
        "work_queue_name": None,
    }

    def _read(self, name: str) -> Any:
        ctx = _flow()
        if ctx is None:
            return os.environ.get("ORION_FLOW_RUN_ID") if name == "id" else None
        if name == "parameters":
            return dict(ctx.parameters)
        if name == "tags":
            return sorted(ctx.run.tags)
        if name == "root_flow_run_id":
            return str(ctx.run.root_flow_run_id or ctx.run.id)
        if name in ("api_url", "ui_url"):
            return self._url(name, ctx)
        return _plain(getattr(ctx.run, name))

    def _url(self, name: str, ctx: FlowRunContext) -> str | None:
        from orion.settings import settings

        api, ui = settings().api.url, settings().ui.url
        if name == "api_url":
            return f"{api.rstrip('/')}/flow_runs/{ctx.run.id}" if api else None
        base = ui or (api.rstrip("/").removesuffix("/api") if api else None)
        return f"{base.rstrip('/')}/flow-runs/{ctx.run.id}" if base else None


class _TaskRun(_Facts):
    kind = "task_run"
    fields = {
        "id": None,
        "name": None,
        "task_name": None,
        "tags": list,
        "parameters": dict,
        "run_count": int,
        "flow_run_id": None,
    }

    def _read(self, name: str) -> Any:
        ctx = current.get()
        if not isinstance(ctx, TaskRunContext):
            return None
        if name == "parameters":
            return dict(ctx.parameters)
        if name == "tags":
            return sorted(ctx.run.tags)
        return _plain(getattr(ctx.run, name))


class _Deployment(_Facts):
    kind = "deployment"
    fields = {"id": None, "flow_run_id": None}

    def _read(self, name: str) -> Any:
        ctx = _flow()
        if ctx is None or ctx.run.deployment_id is None:
            return None
        return str(ctx.run.deployment_id if name == "id" else ctx.run.id)


def _plain(value: Any) -> Any:
    """Ids as text, as they are used in addresses and messages."""
    return str(value) if hasattr(value, "hex") and hasattr(value, "int") else value


flow_run = _FlowRun()
task_run = _TaskRun()
deployment = _Deployment()
