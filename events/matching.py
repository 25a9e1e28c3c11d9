"""Which events somebody wants to hear of: a filter as a value, asked in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Texts = tuple[str, ...]
Labels = Mapping[str, Sequence[str]]  # label -> accepted values; `!` negates, `*` ends
Event = Mapping[str, Any]  # an event as it is on the wire

_ID, _ROLE = "prefect.resource.id", "prefect.resource.role"
_WORD = re.compile(r'([-!+]?)(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class Names:
    """By the event's name. None asks nothing."""

    name: Texts | None = None
    prefix: Texts | None = None
    exclude_name: Texts | None = None
    exclude_prefix: Texts | None = None

    def match(self, name: str) -> bool:
        """Whether the name is wanted."""
        return not (
            (self.name is not None and name not in self.name)
            or (self.prefix is not None and not name.startswith(self.prefix))
            or (self.exclude_name is not None and name in self.exclude_name)
            or (self.exclude_prefix and name.startswith(self.exclude_prefix))
        )


@dataclass(frozen=True, slots=True)
class Resources:
    """By resources; every given part must hold for some of them."""

    id: Texts | None = None
    id_prefix: Texts | None = None
    role: Texts | None = None
    in_roles: tuple[tuple[str, str], ...] | None = None
    labels: Labels | None = None

    def match(self, resources: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the resources are what is wanted."""
        return all(
            any(holds(resource) for resource in resources) for holds in self._parts()
        )

    def _parts(self) -> Iterable[Any]:
        if self.id is not None:
            yield lambda one: one.get(_ID) in (self.id or ())
        if self.id_prefix is not None:
            yield lambda one: str(one.get(_ID, "")).startswith(self.id_prefix or ())
        if self.role is not None:
            yield lambda one: one.get(_ROLE) in (self.role or ())
        if self.in_roles is not None:
            pairs = self.in_roles
            yield lambda one: (one.get(_ID), one.get(_ROLE)) in pairs
        if self.labels is not None:
            wanted = self.labels
            yield lambda one: has_labels(one, wanted)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A whole filter. All parts must hold."""

    since: datetime | None = None
    until: datetime | None = None
    names: Names = Names()
    resource: Resources | None = None
    related: tuple[Resources, ...] = ()
    any_resource: tuple[Resources, ...] = ()
    ids: Texts | None = None
    text: str = ""

    def match_row(self, name: str, occurred: datetime) -> bool:
        """Whether an event of this name and time can be wanted."""
        return (
            (self.since is None or occurred >= self.since)
            and (self.until is None or occurred <= self.until)
            and self.names.match(name)
        )

    def match(self, event: Event) -> bool:
        """Whether the event, whose name and time are wanted, is wanted as a whole."""
        resource, related = event["resource"], event["related"]
        return (
            (self.ids is None or str(event["id"]) in self.ids)
            and (self.resource is None or self.resource.match([resource]))
            and all(one.match(related) for one in self.related)
            and all(one.match([resource, *related]) for one in self.any_resource)
            and (not self.text or says(event, self.text))
        )


def has_labels(resource: Mapping[str, Any], wanted: Labels) -> bool:
    """Whether each label has one of the values wanted of it."""
    return all(
        label in resource and _is_one_of(str(resource[label]), values)
        for label, values in wanted.items()
    )


def says(event: Event, query: str) -> bool:
    """Whether the event's texts satisfy a search, by the grammar of log searches."""
    parts = [event["event"], event["resource"], event["related"], event["payload"]]
    texts = " ".join(str(part) for part in parts).lower()
    some: list[bool] = []
    for sign, phrase, word in _WORD.findall(query.lower()):
        wanted = phrase or word
        found = wanted in texts
        if sign == "":
            some.append(found)
        elif found != (sign == "+"):
            return False
    return any(some) or not some


def _is_one_of(value: str, wanted: Sequence[str]) -> bool:
    refused = [one[1:] for one in wanted if one.startswith("!")]
    accepted = [one for one in wanted if not one.startswith("!")]
    if any(_resembles(value, one) for one in refused):
        return False
    return not accepted or any(_resembles(value, one) for one in accepted)


def _resembles(value: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return value.startswith(wanted[:-1])
    return value == wanted
