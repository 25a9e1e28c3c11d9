"""Renewing leases, which every holder does all the time."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.lean import Answer, Call, LeanEndpoint
from api.concurrency_limits_v2.shapes import Lasting
from concurrency import services


class RenewLease(LeanEndpoint):
    """A lease's expiry."""

    needs = "concurrency.take"

    @extend_schema(
        operation_id="renew_concurrency_lease",
        tags=["Concurrency Limits V2"],
        request=Lasting,
        responses={204: None},
    )
    def post(self, call: Call, lease_id: UUID) -> Answer:
        """Move it; 410 when the lease is gone."""
        services.renew(lease_id, call.read(Lasting).ttl, now=call.now)
        return Answer(status=204)
