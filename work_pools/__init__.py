"""Pools, queues, workers and the hand-out of due runs."""
