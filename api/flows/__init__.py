"""Flows: the names that runs are grouped under."""
