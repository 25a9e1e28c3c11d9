"""Schema changes of flows."""
