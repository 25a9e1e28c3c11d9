"""Addresses of the run room."""

from __future__ import annotations

from django.urls import path, register_converter

from dashboard.runs import acts, lists, views


class ActConverter:
    """The keys of the acts, which are no tabs."""

    regex = "|".join(acts.BY_KEY)

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(ActConverter, "run_act")

ONE = "runs/<uuid:id>"

routes = [
    path("runs", lists.flow_runs, name="runs"),
    path(ONE, views.flow_run, name="run"),
    path(f"{ONE}/<run_act:act>", acts.act, name="run-act"),
    path(f"{ONE}/<slug:tab>", views.flow_run, name="run-tab"),
]
