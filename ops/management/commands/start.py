"""`manage.py start`: web server, loops and one agent, in one go."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.conf import conf
from ops import schema
from ops.addresses import Address, NotAllowed, PortBusy, admit
from ops.starting import Plan, Start


class Command(BaseCommand):
    """Bring the database up to date and start everything."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=4200, help="port to listen on")
        parser.add_argument(
            "--no-services", action="store_true", help="run no loops in this process"
        )
        parser.add_argument(
            "--no-agent", action="store_true", help="start no agent beside the server"
        )
        parser.add_argument(
            "--allow-unauthenticated",
            action="store_true",
            default=conf.allow_unauthenticated,
            help="listen where others can reach it although nobody has to sign in",
        )

    def handle(self, **options: Any) -> None:
        """Check, migrate, serve."""
        try:
            address = Address.of(options["host"], options["port"])
            open_to_all = options["allow_unauthenticated"]
            if warning := admit(address, unauthenticated=open_to_all):
                self.stderr.write(self.style.WARNING(warning))
            address.probe()
            if applied := schema.bring_up_to_date():
                self.say(f"Applied {applied} migrations.")
            plan = Plan(
                address,
                has_services=not options["no_services"],
                has_agent=not options["no_agent"],
            )
            sys.exit(Start(plan, on_ready=self.tell_address).run())
        except (NotAllowed, PortBusy, schema.TooNew) as error:
            raise CommandError(str(error)) from error

    def tell_address(self, url: str) -> None:
        """Say that the server listens now."""
        self.say(f"Orion is ready: {url}")

    def say(self, line: str) -> None:
        """Print at once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()
