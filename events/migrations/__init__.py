"""Schema changes of events."""
