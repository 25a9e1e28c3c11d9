"""Runs flows and tasks: pure machines that yield effects, and two shells."""
