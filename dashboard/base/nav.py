"""The menu: one row per room that exists."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from core.actor import Actor


@dataclass(frozen=True, slots=True)
class Room:
    """A row of the menu."""

    section: str
    title: str
    icon: str
    route: str
    needs: str
    key: str  # pressed after g


ROOMS = (
    Room("Observe", "Home", "house", "dashboard:home", "runs.view", "g h"),
    Room("Observe", "Runs", "list", "dashboard:runs", "runs.view", "g r"),
    Room("Define", "Flows", "workflow", "dashboard:flows", "flows.view", "g f"),
    Room(
        "Define",
        "Deployments",
        "rocket",
        "dashboard:deployments",
        "deployments.view",
        "g d",
    ),
    Room(
        "Run", "Work pools", "server", "dashboard:work-pools", "work_pools.view", "g w"
    ),
    Room("Run", "Agents", "bot", "dashboard:agents", "work_pools.view", "g t"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A menu row as this reader sees it on this page."""

    title: str
    icon: str
    href: str
    key: str
    current: bool


def menu(actor: Actor, room: str) -> list[tuple[str, list[Row]]]:
    """The sections with the rows that the actor may open; `room` is where we are."""
    sections: dict[str, list[Row]] = {}
    for one in ROOMS:
        if actor.may(one.needs):
            row = Row(
                one.title, one.icon, reverse(one.route), one.key, one.title == room
            )
            sections.setdefault(one.section, []).append(row)
    return list(sections.items())
