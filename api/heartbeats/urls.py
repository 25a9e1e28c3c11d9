"""Addresses of signs of life."""

from __future__ import annotations

from django.urls import path

from api.heartbeats import lean

urlpatterns = [
    path("agents/heartbeat", lean.AgentBeats.as_view()),
    path("flow_runs/<uuid:id>/claim", lean.ClaimRun.as_view()),
    path("flow_runs/<uuid:id>/heartbeat", lean.RunBeats.as_view()),
]
