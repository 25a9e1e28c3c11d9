"""Flows: names under which runs are grouped."""
