"""A real client's Python, told line by line what to do; answers are lines of JSON.

Commands of the client's own command line run in this process, so that its start, some
seconds of work, is paid for once.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from pathlib import Path
from uuid import UUID

import prefect
from prefect import flow
from prefect.cli import app
from prefect.deployments import run_deployment

if prefect.__version__.startswith("2."):
    from prefect.engine import resume_flow_run
else:
    from prefect.flow_runs import resume_flow_run


def cli(*arguments):
    """The exit status and what was printed; questions are answered with yes."""
    status, sys.argv, sys.stdin = 0, ["prefect", *arguments], io.StringIO("y\n" * 3)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            app()
        except SystemExit as left:
            status = left.code or 0
    return [status, printed.getvalue()]


def deploy(entrypoint, **options):
    """Deploy a flow of this folder with `flow.deploy`; the id."""
    found = flow.from_source(source=str(Path.cwd()), entrypoint=entrypoint)
    return str(found.deploy(print_next_steps=False, ignore_warnings=True, **options))


def limited(entrypoint, strategy, **options):
    """Deploy a flow of which one run is allowed at a time (3.x)."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig

    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=strategy)
    return deploy(entrypoint, concurrency_limit=limit, **options)


def start(deployment, **options):
    """Ask for a run with `run_deployment` and do not wait for it; the id."""
    return str(run_deployment(deployment, timeout=0, as_subflow=False, **options).id)


def resume(id, **answer):
    """Let a paused run go on, with what it waits for."""
    resume_flow_run(UUID(id), run_input=answer or None)


VERBS = {each.__name__: each for each in (cli, deploy, limited, start, resume)}


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the client prints must not meet the answers
    os.environ["COLUMNS"] = "250"
    told, sys.stdin = sys.stdin, io.StringIO()
    for line in told:
        verb, arguments, options = json.loads(line)
        try:
            answer = {"answer": VERBS[verb](*arguments, **options)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
