"""Flows that the unmodified clients deploy, serve and run."""

from __future__ import annotations

import sys
import time

from prefect import flow, get_run_logger, pause_flow_run, suspend_flow_run
from prefect.deployments import run_deployment
from prefect.input import RunInput


class Answer(RunInput):
    amount: int


@flow
def greet(name: str = "nobody", times: int = 1):
    for _ in range(times):
        get_run_logger().info("hello %s", name)


@flow
def sleeping(seconds: float = 3600):
    time.sleep(seconds)


@flow
def pausing(timeout: int = 3600):
    pause_flow_run(timeout=timeout, poll_interval=1)


@flow
def asking():
    answer = suspend_flow_run(wait_for_input=Answer, timeout=3600)
    get_run_logger().info("answered %s", answer.amount)


@flow
def calling(deployment: str):
    child = run_deployment(deployment, parameters={"name": "child"}, poll_interval=1)
    get_run_logger().info("child ended %s", child.state.name)


if __name__ == "__main__":
    greet.serve(name=sys.argv[1], interval=3600, parameters={"name": "served"})
