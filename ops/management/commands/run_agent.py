"""`manage.py run_agent`: the SDK's agent, with the options of `orion agent start`."""

from __future__ import annotations

import os
import subprocess
import sys

from django.core.management.base import BaseCommand

from ops import agents

API_URL = "http://127.0.0.1:4200/api"


class Command(BaseCommand):
    """Start one agent. It takes over this process, so signals reach it."""

    help = __doc__ or ""
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand every option on."""
        command = agents.command(argv[2:], on_leash=False)
        environment = agents.environment(API_URL)
        os.chdir(agents.folder())
        if os.name != "nt":
            os.execve(command[0], command, environment)  # noqa: S606 - our interpreter
        # Windows has no exec; its console hands Ctrl-C to both
        sys.exit(subprocess.call(command, env=environment))  # noqa: S603
