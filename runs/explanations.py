"""Why a run is in its state: stored decisions told as sentences, newest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Value

from runs.models import Decision, FlowRun, TaskRun
from runs.orchestration.rules.claims import clock

MOST = 200  # decisions told of one run
_LIMIT = "limit "
_SHOWN_HOLDERS = 5

_VERDICTS = {
    "REJECT": "was refused",
    "WAIT": "has to wait",
    "ABORT": "was refused for good",
    "ACCEPT": "was made",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that a sentence names."""

    kind: str  # flow_run, task_run, limit, deployment
    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision: the sentence, and everything it was made of."""

    sentence: str
    rule: str
    verdict: str
    reason: str
    when: datetime
    actor: str
    from_name: str | None = None
    to_name: str | None = None
    policy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    things: tuple[Thing, ...] = ()


Names = Mapping[UUID, tuple[str, str]]  # id -> kind and name
Told = tuple[str, tuple[Thing, ...]]
Teller = Callable[[Decision, FlowRun | TaskRun, Names], Told]


def suspicion(seen: datetime) -> str:
    """What is said of a run that was heard of last so long ago."""
    return (
        f"The run is suspect: nothing was heard of it since {clock(seen)}. It is left "
        "alone, because nobody promised signs of life."
    )


def explain(run: FlowRun | TaskRun) -> list[Explanation]:
    """The decisions about a run, newest first."""
    mine = {"flow_run": run.pk} if isinstance(run, FlowRun) else {"task_run": run.pk}
    decisions = list(Decision.objects.filter(**mine).order_by("-created", "-id")[:MOST])
    names = _names(decisions)
    return [_told(decision, run, names) for decision in decisions]


def _told(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Explanation:
    if decision.verdict == "NOTE":
        return _noted(decision)
    cause, things = _cause(decision, run, names)
    wanted = decision.to_name or "a state"
    outcome = _VERDICTS.get(decision.verdict, decision.verdict.lower())
    # "from Pending to Running" reads badly when there was nothing before
    before = f" from {decision.from_name}" if decision.from_name else ""
    sentence = f"The step{before} to {wanted} {outcome}: {cause}"
    return Explanation(
        sentence,
        decision.rule,
        decision.verdict,
        decision.reason,
        decision.created,
        decision.actor,
        decision.from_name,
        decision.to_name,
        decision.policy,
        decision.facts,
        things,
    )


def _noted(decision: Decision) -> Explanation:
    """What was noticed without a step."""
    return Explanation(
        decision.reason,
        decision.rule,
        decision.verdict,
        decision.reason,
        decision.created,
        decision.actor,
        decision.from_name,
        None,
        decision.policy,
        decision.facts,
    )


def _cause(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    """The reason in words, with the objects that the facts name."""
    full, things = _full_limits(decision, run, names)
    if full:
        return f"{full}.", things
    teller = next(
        (tell for key, tell in _TELLERS.items() if key in decision.facts), _plain
    )
    return teller(decision, run, names)


def _plain(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    text = decision.reason.strip() or words(decision.rule)
    return f"{text[:1].lower()}{text[1:]}{'' if text.endswith('.') else '.'}", ()


def _flow_around(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    name = str(decision.facts["flow_run"])
    state = str(decision.facts.get("flow_run_state") or "not running").lower()
    id = str(run.flow_run_id) if isinstance(run, TaskRun) else None
    text = (
        f"the flow run {name} around it is {state}, and tasks start only while it runs."
    )
    return text, (Thing("flow_run", id, name),)


def _cached(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    id = str(decision.facts.get("filled_by_task_run") or "")
    key = str(decision.facts["cache_key"])
    thing = _thing("task_run", id, names)
    by = f", stored by task run {thing.name}" if thing else ""
    text = (
        f"a result was in the cache under the key {key}{by}, so the task did not run."
    )
    return text, (thing,) if thing else ()


def _in_the_way(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    text, _ = _plain(decision, run, names)
    return text, (Thing("work_pool", None, str(decision.facts["work_pool"])),)


def _among(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    text, _ = _plain(decision, run, names)
    facts = decision.facts
    things = [
        Thing(kind, facts[key].get("id"), str(facts[key].get("name")))
        for key, kind in (("deployment", "deployment"), ("parent", "flow_run"))
        if isinstance(facts.get(key), Mapping)
    ]
    if facts.get("claimed_by"):
        things.append(Thing("agent", None, str(facts["claimed_by"])))
    return text, tuple(things)


_TELLERS: Mapping[str, Teller] = {
    "claimed_by": _among,
    "deployment": _among,
    "parent": _among,
    "work_pool": _in_the_way,
    "filled_by_task_run": _cached,
    "flow_run": _flow_around,
}


def _full_limits(decision: Decision, run: FlowRun | TaskRun, names: Names) -> Told:
    texts: list[str] = []
    things: list[Thing] = []
    for key, value in decision.facts.items():
        if key.startswith(_LIMIT) and isinstance(value, Mapping):
            limit = _limit(key.removeprefix(_LIMIT), run)
            held = [_holder(one, names) for one in value.get("holders", ())]
            things += [limit, *held]
            used = (
                f"{limit.name} is full ({value.get('in_use')} of {value.get('limit')})"
            )
            texts.append(f"{used}{_held_by(held)}")
    return "; ".join(texts), tuple(things)


def _limit(name: str, run: FlowRun | TaskRun) -> Thing:
    kind, _, rest = name.partition(":")
    if kind == "tag":
        return Thing("limit", name, f"the limit on the tag {rest}")
    if kind == "deployment":
        deployment = run.deployment if isinstance(run, FlowRun) else None
        shown = deployment.name if deployment else rest
        return Thing("deployment", rest, f"the limit on runs of deployment {shown}")
    return Thing("limit", name, f"the limit {name}")


def _holder(holder: Mapping[str, Any], names: Names) -> Thing:
    kind, id = str(holder.get("type") or "holder"), str(holder.get("id"))
    return _thing(kind, id, names) or Thing(kind, id, id)


def _thing(kind: str, id: str, names: Names) -> Thing | None:
    known = names.get(UUID(id)) if _is_id(id) else None
    return Thing(kind, id, known[1]) if known else None


def _held_by(held: list[Thing]) -> str:
    if not held:
        return ""
    first = [
        f"{one.kind.replace('_', ' ')} {one.name}" for one in held[:_SHOWN_HOLDERS]
    ]
    more = len(held) - len(first)
    if more:
        return f", held by {', '.join(first)} and {more} more"
    return f", held by {' and '.join(first)}"


def _names(decisions: Iterable[Decision]) -> Names:
    """The names of all runs that the facts mention, in one statement."""
    ids: dict[str, set[UUID]] = {"flow_run": set(), "task_run": set()}
    for decision in decisions:
        for kind, id in _mentioned(decision.facts):
            if kind in ids and _is_id(id):
                ids[kind].add(UUID(id))
    models: dict[str, Any] = {"flow_run": FlowRun, "task_run": TaskRun}
    queries = [
        models[kind]
        .objects.filter(pk__in=wanted)
        .values_list("pk", "name", Value(kind, CharField()))
        for kind, wanted in ids.items()
        if wanted
    ]
    if not queries:
        return {}
    rows = queries[0].union(*queries[1:], all=True)
    return {id: (kind, name) for id, name, kind in rows}


def _mentioned(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if facts.get("filled_by_task_run"):
        yield "task_run", str(facts["filled_by_task_run"])
    for key, value in facts.items():
        if key.startswith(_LIMIT) and isinstance(value, Mapping):
            for holder in value.get("holders", ()):
                yield str(holder.get("type")), str(holder.get("id"))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def words(rule: str) -> str:
    """A rule's name as words: `CopyScheduledTime` becomes `Copy scheduled time`."""
    plain = re.sub(r"\d+$", "", rule)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).capitalize()
