"""Tables of events."""

from events.models.event import Event
from events.models.inbox import InboxFrame

__all__ = ["Event", "InboxFrame"]
