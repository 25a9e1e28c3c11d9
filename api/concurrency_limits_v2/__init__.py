"""Named limits, and taking their slots with or without a lease."""
