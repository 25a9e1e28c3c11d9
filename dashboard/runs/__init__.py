"""Runs: the list, the run page."""
