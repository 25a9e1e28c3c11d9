"""Which command is where; how errors become exit codes."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import sys
import traceback

import click

from orion.exceptions import (
    ApiUnreachable,
    HTTPStatusError,
    ObjectAlreadyExists,
    ObjectNotFound,
    OrionError,
)

COMMANDS = {
    "agent": ("orion.cli.agent:agent", "Take due runs from queues and run them."),
    "deploy": ("orion.cli.deploy:deploy", "Tell the server how to run a flow."),
    "deployment": (
        "orion.cli.deployment:deployment",
        "List, run and pause deployments.",
    ),
    "flow": ("orion.cli.flow:flow", "List flows and serve them."),
    "flow-run": ("orion.cli.flow_run:flow_run", "Look at runs and cancel them."),
    "run": ("orion.cli.run:run", "Run a flow here and now."),
    "work-pool": ("orion.cli.work_pool:work_pool", "Pools of workers."),
    "work-queue": ("orion.cli.work_queue:work_queue", "Queues of a pool."),
    "version": ("orion.cli.version:version", "Versions of SDK, API and server."),
}
FAILED, USAGE, NOT_FOUND, CONFLICT = 1, 2, 3, 4
UNREACHABLE, NOT_AUTHORISED, INTERRUPTED = 69, 77, 130
BY_STATUS = {
    401: NOT_AUTHORISED,
    403: NOT_AUTHORISED,
    404: NOT_FOUND,
    409: CONFLICT,
}


class Table(click.Group):
    """A group whose commands are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """The list of `--help`, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            if not close:
                raise
            hint = f"{error.message} Did you mean {close[0]!r}?"
            raise click.UsageError(hint, ctx) from error


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--api-url", help="Address of the API, for example http://host:4200/api.")
@click.option("--verbose", "-v", is_flag=True, help="Show tracebacks of errors.")
@click.pass_context
def orion(context: click.Context, api_url: str | None, verbose: bool) -> None:
    """Workflows as plain Python functions."""
    context.ensure_object(dict)["verbose"] = verbose
    if api_url:
        from orion.settings import override

        context.with_resource(override({"api.url": api_url}))


def run(arguments: list[str]) -> int:
    """Run the command; one line on stderr and a code for each kind of error."""
    is_verbose = bool({"-v", "--verbose"} & set(arguments[:3]))
    try:
        code = orion.main(arguments, prog_name="orion", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            sys.stdout.close()
        return FAILED
    except OrionError as error:
        if is_verbose:
            traceback.print_exc()
        click.echo(f"orion: {error}", err=True)
        return code_of(error)


def code_of(error: OrionError) -> int:
    """The exit code that scripts can rely on."""
    if isinstance(error, ApiUnreachable):
        return UNREACHABLE
    if isinstance(error, HTTPStatusError):
        return BY_STATUS.get(error.status, FAILED)
    if isinstance(error, ObjectNotFound):
        return NOT_FOUND
    return CONFLICT if isinstance(error, ObjectAlreadyExists) else FAILED
