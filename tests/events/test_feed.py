"""Reading the feed: in order, once, and with what comes late."""

from __future__ import annotations

import pytest

from core.actor import OWNER
from events.feed import Feed
from events.models import Event
from events.record import record
from tests.factories import flow

pytestmark = pytest.mark.django_db


def tell(*names: str) -> None:
    """Record events."""
    subject = flow()
    for name in names:
        record(name, subject=subject, actor=OWNER)


def names(feed: Feed, clock: float = 0.0) -> list[str]:
    """What one reading brings."""
    return [one.name for one in feed.read(clock)]


def test_a_reading_brings_what_appeared_since_the_last_one():
    tell("before")
    feed = Feed()
    feed.begin(0.0)

    tell("a", "b")

    assert names(feed) == ["a", "b"]
    assert names(feed) == []
    tell("c")
    assert names(feed) == ["c"]


def test_a_number_that_was_passed_over_is_read_when_it_appears():
    feed = Feed()
    feed.begin(0.0)
    tell("a", "late", "c")
    late = Event.objects.get(event="late")
    Event.objects.filter(pk=late.pk).delete()
    assert names(feed) == ["a", "c"]

    late.save(force_insert=True)

    assert names(feed) == ["late"]
    assert names(feed) == []


def test_a_number_that_never_appears_is_given_up():
    feed = Feed()
    feed.begin(0.0)
    tell("a", "lost", "c")
    lost = Event.objects.get(event="lost")
    Event.objects.filter(pk=lost.pk).delete()
    assert names(feed) == ["a", "c"]
    assert names(feed, clock=61.0) == []

    lost.save(force_insert=True)

    assert names(feed, clock=62.0) == []
