"""Limits and the leases that hold their slots."""
