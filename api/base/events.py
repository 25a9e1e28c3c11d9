"""The filter of events, as sockets and lists take it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.base.wire import Moment, Text, Wire
from events.matching import Names, Resources, Wanted

TEXT_LENGTH = 200  # characters of a search

Values = list[Text]
LabelValues = dict[str, Text | Values]
Pair = Annotated[list[Text], Field(min_length=2, max_length=2)]


class Occurred(Wire):
    """The span in which events happened."""

    since: Moment | None = None
    until: Moment | None = None


class EventName(Wire):
    """Names, or how they begin."""

    prefix: Values | None = None
    exclude_prefix: Values | None = None
    name: Values | None = None
    exclude_name: Values | None = None


class ResourceParts(Wire):
    """Resources by id, by the beginning of an id, by role, by labels."""

    id: Values | None = None
    id_prefix: Values | None = None
    role: Values | None = None
    resources_in_roles: list[Pair] | None = None
    labels: LabelValues | None = None

    def wanted(self) -> Resources:
        """For matching."""
        labels = self.labels
        return Resources(
            id=_texts(self.id),
            id_prefix=_texts(self.id_prefix),
            role=_texts(self.role),
            in_roles=_pairs(self.resources_in_roles),
            labels=None
            if labels is None
            else {k: [v] if isinstance(v, str) else v for k, v in labels.items()},
        )


class EventIds(Wire):
    """Events by id."""

    id: list[UUID] | None = None


class EventText(Wire):
    """Words to look for."""

    query: Annotated[str, Field(max_length=TEXT_LENGTH)]


class EventFilter(Wire):
    """Which events; an empty filter wants all."""

    occurred: Occurred = Occurred()
    event: EventName | None = None
    resource: ResourceParts | None = None
    related: ResourceParts | list[ResourceParts] | None = None
    any_resource: ResourceParts | list[ResourceParts] | None = None
    id: EventIds = EventIds()
    text: EventText | None = None

    def wanted(self) -> Wanted:
        """For matching."""
        name = self.event or EventName()
        return Wanted(
            since=self.occurred.since,
            until=self.occurred.until,
            names=Names(
                name=_texts(name.name),
                prefix=_texts(name.prefix),
                exclude_name=_texts(name.exclude_name),
                exclude_prefix=_texts(name.exclude_prefix),
            ),
            resource=self.resource.wanted() if self.resource else None,
            related=_each(self.related),
            any_resource=_each(self.any_resource),
            ids=_texts([str(one) for one in self.id.id])
            if self.id.id is not None
            else None,
            text=self.text.query if self.text else "",
        )


def _texts(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None  # an empty list asks nothing


def _pairs(values: list[list[str]] | None) -> tuple[tuple[str, str], ...] | None:
    return None if values is None else tuple((one[0], one[1]) for one in values)


def _each(
    parts: ResourceParts | list[ResourceParts] | None,
) -> tuple[Resources, ...]:
    if parts is None:
        return ()
    listed = parts if isinstance(parts, list) else [parts]
    return tuple(one.wanted() for one in listed)
