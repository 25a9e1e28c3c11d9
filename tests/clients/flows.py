"""Flows for the unmodified clients; prints the ids of their runs as JSON.

Run by the interpreter of the client's environment: STYLE NAME [NAME ...]
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import prefect
from prefect import flow, get_run_logger, task

TWO = prefect.__version__.startswith("2.")
ATTEMPTS = {"task": 0, "flow": 0}


def next_attempt(kind):
    ATTEMPTS[kind] += 1
    return ATTEMPTS[kind]


async def results_of(submitted):
    """In 2.x an asynchronous task gives what must be awaited, twice; 3.x nothing."""
    if not TWO:
        return [future.result() for future in submitted]
    futures = [await future for future in submitted]
    return [await future.result() for future in futures]


@task(task_run_name="double {n}")
def double(n):
    get_run_logger().info("doubling %s", n)
    return n * 2


@flow(name="submitted")
def submitted(n, words):
    get_run_logger().warning("words %s", ", ".join(words))
    futures = [double.submit(i) for i in range(n)]
    return sum(future.result() for future in futures)


@task(retries=2, retry_delay_seconds=1, task_run_name="flaky")
def flaky():
    if next_attempt("task") == 1:
        raise ValueError("the first attempt fails")
    return "at last"


@flow(name="task_retry")
def task_retry():
    return flaky()


@flow(name="flow_retry", retries=1, retry_delay_seconds=0)
def flow_retry():
    double(next_attempt("flow"))
    if ATTEMPTS["flow"] == 1:
        raise ValueError("the first attempt fails")
    return "at last"


@task(task_run_name="broken")
def broken():
    raise ValueError("broken for good")


@flow(name="failing")
def failing():
    broken()


@flow(name="child")
def child(n):
    return double(n)


@flow(name="parent")
def parent():
    return child(21)


@task(cache_key_fn=lambda context, given: f"squared-{given['n']}", persist_result=True)
def squared(n):
    return n * n


@flow(name="cached")
def cached():
    return [squared.with_options(task_run_name=f"squared {i}")(7) for i in range(2)]


@task(persist_result=True, task_run_name="kept")
def kept():
    return {"kept": True}


@flow(name="persisted", persist_result=True)
def persisted():
    return kept()


@task(tags=["one-at-a-time-sync"], task_run_name="slow {n}")
def slow(n):
    time.sleep(0.2)
    return n


@flow(name="limited")
def limited():
    return [future.result() for future in [slow.submit(i) for i in range(3)]]


@task(task_run_name="double {n}")
async def adouble(n):
    get_run_logger().info("doubling %s", n)
    return n * 2


@flow(name="submitted")
async def asubmitted(n, words):
    get_run_logger().warning("words %s", ", ".join(words))
    return sum(await results_of([adouble.submit(i) for i in range(n)]))


@task(retries=2, retry_delay_seconds=1, task_run_name="flaky")
async def aflaky():
    if next_attempt("task") == 1:
        raise ValueError("the first attempt fails")
    return "at last"


@flow(name="task_retry")
async def atask_retry():
    return await aflaky()


@flow(name="flow_retry", retries=1, retry_delay_seconds=0)
async def aflow_retry():
    await adouble(next_attempt("flow"))
    if ATTEMPTS["flow"] == 1:
        raise ValueError("the first attempt fails")
    return "at last"


@task(task_run_name="broken")
async def abroken():
    raise ValueError("broken for good")


@flow(name="failing")
async def afailing():
    await abroken()


@flow(name="child")
async def achild(n):
    return await adouble(n)


@flow(name="parent")
async def aparent():
    return await achild(21)


@task(cache_key_fn=lambda context, given: f"asquared-{given['n']}", persist_result=True)
async def asquared(n):
    return n * n


@flow(name="cached")
async def acached():
    runs = [asquared.with_options(task_run_name=f"squared {i}") for i in range(2)]
    return [await run(7) for run in runs]


@task(persist_result=True, task_run_name="kept")
async def akept():
    return {"kept": True}


@flow(name="persisted", persist_result=True)
async def apersisted():
    return await akept()


@task(tags=["one-at-a-time-async"], task_run_name="slow {n}")
async def aslow(n):
    await asyncio.sleep(0.2)
    return n


@flow(name="limited")
async def alimited():
    return await results_of([aslow.submit(i) for i in range(3)])


FLOWS = (submitted, task_retry, flow_retry, failing, parent, cached, persisted, limited)
ASYNC_FLOWS = (
    asubmitted,
    atask_retry,
    aflow_retry,
    afailing,
    aparent,
    acached,
    apersisted,
    alimited,
)
PARAMETERS = {"submitted": {"n": 3, "words": ["a", "b"]}}


def main(style, *names):
    ran = {}
    for each in FLOWS if style == "sync" else ASYNC_FLOWS:
        if each.name in names:
            result = each(**PARAMETERS.get(each.name, {}), return_state=True)
            state = asyncio.run(result) if asyncio.iscoroutine(result) else result
            ran[each.name] = str(state.state_details.flow_run_id)
    print(json.dumps(ran))


if __name__ == "__main__":
    main(*sys.argv[1:])
