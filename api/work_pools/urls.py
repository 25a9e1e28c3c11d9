"""Addresses of work pools."""

from __future__ import annotations

from django.urls import path

from api.work_pools import lean, queues, slots, views, workers

urlpatterns = [
    path("", views.WorkPools.as_view()),
    path("filter", views.FilterWorkPools.as_view()),
    path("count", views.CountWorkPools.as_view()),
    path("<str:name>", views.OneWorkPool.as_view()),
    path("<str:name>/get_scheduled_flow_runs", lean.HandOut.as_view()),
    path("<str:name>/concurrency_status", slots.PoolConcurrency.as_view()),
    path("<str:work_pool_name>/queues", queues.Queues.as_view()),
    path("<str:work_pool_name>/queues/filter", queues.FilterQueues.as_view()),
    path("<str:work_pool_name>/queues/<str:name>", queues.OneQueue.as_view()),
    path("<str:work_pool_name>/workers/filter", workers.FilterWorkers.as_view()),
    path("<str:work_pool_name>/workers/heartbeat", lean.WorkerHeartbeat.as_view()),
    path("<str:work_pool_name>/workers/<str:name>", workers.OneWorker.as_view()),
]
