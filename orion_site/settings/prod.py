"""Settings for running Orion."""

from __future__ import annotations

from orion_site.settings.base import *  # noqa: F403
