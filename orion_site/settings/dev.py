"""Settings for working on Orion: error pages with tracebacks."""

from __future__ import annotations

from orion_site.settings.base import *  # noqa: F403

DEBUG = True
