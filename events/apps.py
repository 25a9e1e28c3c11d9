"""The events app."""

from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """What happened: the feed, the inbox of client frames, the live hub."""

    name = "events"
    label = "orion_events"
    verbose_name = "Events"
