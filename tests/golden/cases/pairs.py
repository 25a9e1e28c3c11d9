"""Every state type, and none, to every state type: the whole square."""

from __future__ import annotations

from typing import Any

from tests.golden.script import (
    TYPES,
    Case,
    Step,
    case,
    deployment,
    flow,
    flow_run,
    forget,
    look,
    propose,
    put,
    slots,
    task_run,
)
from tests.golden.script import state as state_of

RUN = "flow_runs/$run"
TASK = "task_runs/$task"
PARTS: dict[str, dict[str, Any]] = {
    "PAUSED": {"pause_timeout": "$now+600s", "pause_key": "1"}
}
# How a run under a deployment's limit comes into a state by itself, after the claim.
WAYS: dict[str, tuple[str, ...]] = {"PENDING": ()} | {
    type: ("RUNNING", type) for type in TYPES if type not in ("SCHEDULED", "PENDING")
}
WAYS["RUNNING"] = ("RUNNING",)


def title(*words: str | bool | None) -> str:
    """A name from words; what is nothing is left out."""
    return "/".join(word for word in words if isinstance(word, str) and word)


def at(type: str) -> dict[str, Any]:
    """A state of a type with what such states carry."""
    return state_of(type, **PARTS.get(type, {}))


def move(run: str, type: str, *, force: bool) -> Step:
    """Propose a state of a type with what such states carry."""
    return propose(run, type, force=force, **PARTS.get(type, {}))


def created(kind: str, origin: str | None) -> list[Step]:
    """A run that was made in a state, or made and bereft of it."""
    make = flow_run if kind == "flow-run" else task_run
    run = RUN if kind == "flow-run" else TASK
    if origin is None:
        return [make(None), forget(run)]
    return [make(at(origin))]


def lived(kind: str, origin: str) -> list[Step]:
    """A run that ran before it came into a state."""
    make = flow_run if kind == "flow-run" else task_run
    run = RUN if kind == "flow-run" else TASK
    further = [] if origin == "RUNNING" else [put(run, origin, **PARTS.get(origin, {}))]
    return [make(None), put(run, "RUNNING"), *further]


def setting(kind: str, *, deployed: bool) -> list[Step]:
    """What a run needs around it."""
    if kind == "task-run":
        return [flow(), flow_run(state_of("RUNNING"))]
    return [flow(), deployment()] if deployed else [flow()]


def of_deployment(steps: list[Step]) -> list[Step]:
    """The same flow run, of the deployment."""
    first, *rest = steps
    body = {**first.body, "deployment_id": "$deployment"}
    return [Step(first.do, first.path, body, names=first.names), *rest]


def square() -> list[Case]:
    """Both kinds of run, with and without a past, force and deployment."""
    cases = []
    for kind, run in (("flow-run", RUN), ("task-run", TASK)):
        for deployed in (False, True) if kind == "flow-run" else (False,):
            for past in ("created", "lived"):
                for origin in (None, *TYPES) if past == "created" else TYPES:
                    for target in TYPES:
                        for force in (False, True):
                            steps = (
                                created(kind, origin)
                                if past == "created" or origin is None
                                else lived(kind, origin)
                            )
                            name = title(
                                "pairs",
                                kind,
                                "deployment" if deployed else "",
                                past,
                                f"{origin or 'NONE'}-{target}",
                                "forced" if force else "",
                            )
                            cases.append(
                                case(
                                    name,
                                    setting(kind, deployed=deployed),
                                    of_deployment(steps) if deployed else steps,
                                    move(run, target, force=force),
                                    look(run),
                                )
                            )
    return cases


def limited() -> list[Case]:
    """3.x flow runs that hold, or do not hold, the only slot of their deployment."""
    cases = []
    for origin in TYPES:
        claim = [] if origin == "SCHEDULED" else [move(RUN, "PENDING", force=False)]
        way = [move(RUN, step, force=False) for step in WAYS.get(origin, ())]
        for target in TYPES:
            for force in (False, True):
                how = "forced" if force else ""
                name = title("pairs/flow-run/limited", f"{origin}-{target}", how)
                cases.append(
                    case(
                        name,
                        flow(),
                        deployment(concurrency_limit=1),
                        flow_run(at("SCHEDULED"), deployment_id="$deployment"),
                        claim,
                        way,
                        move(RUN, target, force=force),
                        look(RUN),
                        slots("deployment:$deployment"),
                        generations=(3,),
                    )
                )
    return cases


CASES = [*square(), *limited()]
