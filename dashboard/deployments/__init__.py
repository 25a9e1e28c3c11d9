"""Deployments: the list and its run button."""
