"""What is known of a run: plain records, filled as the server tells more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from orion.engine.identity import new_id, new_name
from orion.states import State

Inputs = dict[str, list[dict[str, str]]]


@dataclass(slots=True)
class FlowRun:
    """One run of a flow."""

    flow_name: str
    id: UUID = field(default_factory=new_id)
    name: str = field(default_factory=new_name)
    flow_id: UUID | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    run_count: int = 0
    scheduled_start_time: datetime | None = None
    parent_task_run_id: UUID | None = None
    parent_flow_run_id: UUID | None = None
    root_flow_run_id: UUID | None = None
    deployment_id: UUID | None = None
    work_queue_name: str | None = None
    work_pool_name: str | None = None
    empirical_policy: dict[str, Any] = field(default_factory=dict)
    state: State[Any] | None = None
    history: list[State[Any]] = field(default_factory=list)

    def enter(self, state: State[Any]) -> None:
        """Remember a state that is true now."""
        self.state = state
        self.history.append(state)


@dataclass(slots=True)
class TaskRun:
    """One run of a task."""

    task_name: str
    task_key: str
    dynamic_key: str
    id: UUID = field(default_factory=new_id)
    name: str = ""
    flow_run_id: UUID | None = None
    tags: frozenset[str] = frozenset()
    task_inputs: Inputs = field(default_factory=dict)
    retries: int = 0
    run_count: int = 0
    state: State[Any] | None = None
    history: list[State[Any]] = field(default_factory=list)

    def enter(self, state: State[Any]) -> None:
        """Remember a state that is true now."""
        self.state = state
        self.history.append(state)
