"""The history of runs: what is asked and what is answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import Q
from pydantic import Field

from api.base.filters import Filters
from api.base.joins import where
from api.base.wire import INT4, JsonObject, Moment, Wire
from core.actor import Actor
from runs.buckets import Bucket, Share, buckets


class HistoryBody(Filters):
    """A span of time in equal parts, and which runs to count."""

    history_start: Moment
    history_end: Moment
    history_interval_seconds: Annotated[float, Field(ge=-INT4, le=INT4)]
    work_queues: JsonObject | None = None  # here this is their name

    def condition(self, name: str, actor: Actor) -> Q:
        """On rows of the resource `name`."""
        sent: dict[str, Any] = {key: getattr(self, key) for key in Filters.model_fields}
        sent["work_pool_queues"] = self.work_queues or self.work_pool_queues
        return where(name, sent, actor=actor)


class HistoryState(Wire):
    """The runs of a part that are in one state."""

    state_type: str | None
    state_name: str | None
    count_runs: int
    sum_estimated_run_time: float
    sum_estimated_lateness: float

    @classmethod
    def of(cls, key: tuple[str | None, str | None], share: Share) -> HistoryState:
        """From a count."""
        return cls.model_construct(
            state_type=key[0],
            state_name=key[1],
            count_runs=share.runs,
            sum_estimated_run_time=share.run_time,
            sum_estimated_lateness=share.lateness,
        )


class HistoryPart(Wire):
    """One part of the span."""

    interval_start: datetime
    interval_end: datetime
    states: list[HistoryState]

    @classmethod
    def of(cls, bucket: Bucket) -> HistoryPart:
        """From a count."""
        return cls.model_construct(
            interval_start=bucket.start,
            interval_end=bucket.end,
            states=[
                HistoryState.of(key, share)
                for key, share in sorted(
                    bucket.states.items(), key=lambda item: str(item[0])
                )
            ],
        )


def history(rows: Any, body: HistoryBody, now: datetime) -> list[HistoryPart]:
    """The parts with the runs of a QuerySet."""
    interval = timedelta(seconds=body.history_interval_seconds)
    found = buckets(rows, body.history_start, body.history_end, interval, now=now)
    return [HistoryPart.of(bucket) for bucket in found]
