"""Settings for working on Orion: error pages with tracebacks."""

from __future__ import annotations

from core.clock import refuse_test_clock
from orion_site.settings.base import *  # noqa: F403

refuse_test_clock()

DEBUG = True
