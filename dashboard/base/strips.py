"""The strip of the last runs, with links."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard.base.times import duration
from dashboard.charts.strip import Stripe, strip
from dashboard.looks import look, word
from runs.recent import RecentRun

SLOTS = 20


def run_strip(runs: Sequence[RecentRun]) -> SafeString:
    """Bars whose height is duration and whose colour is state."""
    return strip(
        [
            Stripe(
                look(run.state_type, run.state_name).kind,
                run.seconds,
                f"{run.name}: {word(run.state_type, run.state_name)}, "
                f"{duration(run.seconds)}",
                reverse("dashboard:run", args=[run.id]),
            )
            for run in runs
        ],
        slots=SLOTS,
        summary=f"Last {len(runs)} runs",
    )
