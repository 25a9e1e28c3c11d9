"""Deployments, their schedules and the runs made of them."""
