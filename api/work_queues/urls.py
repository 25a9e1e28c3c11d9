"""Addresses of work queues."""

from __future__ import annotations

from django.urls import path

from api.work_queues import lean, views

urlpatterns = [
    path("", views.WorkQueues.as_view()),
    path("filter", views.FilterWorkQueues.as_view()),
    path("name/<str:name>", views.WorkQueueByName.as_view()),
    path("<uuid:id>", views.OneWorkQueue.as_view()),
    path("<uuid:id>/get_runs", lean.QueueRuns.as_view()),
    path("<uuid:id>/status", views.StatusOfWorkQueue.as_view()),
    path("<uuid:id>/concurrency_status", views.QueueConcurrency.as_view()),
]
