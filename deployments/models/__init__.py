"""Tables of deployments."""

from deployments.models.backfill import Backfill, BackfillStatus, Reprocess
from deployments.models.calendar import Calendar
from deployments.models.deployment import Deployment, RetryOn
from deployments.models.hold import Hold
from deployments.models.schedule import Catchup, Overlap, Schedule

__all__ = [
    "Backfill",
    "BackfillStatus",
    "Calendar",
    "Catchup",
    "Deployment",
    "Hold",
    "Overlap",
    "Reprocess",
    "RetryOn",
    "Schedule",
]
