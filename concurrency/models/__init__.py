"""Tables of concurrency: limits, leases, and the slots that leases hold."""

from concurrency.models.lease import Lease, Slot
from concurrency.models.limit import Limit

__all__ = ["Lease", "Limit", "Slot"]
