"""`manage.py runserver`: API and pages while working on Orion, with autoreload."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import autoreload

from core.conf import conf
from ops import schema
from ops.addresses import Address, NotAllowed, PortBusy, admit
from ops.starting import Plan, Start

ADDRESS = re.compile(r"(?:(?P<host>\[[^]]+\]|[^:]+):)?(?P<port>\d+)")


class Command(BaseCommand):
    """Serve with the code that `start` uses, without services and agent."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("addrport", nargs="?", default="127.0.0.1:4200")
        parser.add_argument(
            "--noreload", action="store_true", help="do not watch files"
        )
        parser.add_argument(
            "--allow-unauthenticated",
            action="store_true",
            default=conf.allow_unauthenticated,
            help="listen where others can reach it although nobody has to sign in",
        )

    def handle(self, **options: Any) -> None:
        """Serve, in a child that is started again when a file changes."""
        if options["noreload"]:
            sys.exit(self.serve(options, signals=True))
        autoreload.run_with_reloader(self.serve, options, signals=False)

    def serve(self, options: dict[str, Any], *, signals: bool) -> int:
        """Check, then serve; the exit status."""
        match = ADDRESS.fullmatch(options["addrport"])
        if match is None:
            raise CommandError(
                f"{options['addrport']!r} is no address: write PORT or HOST:PORT."
            )
        host = (match["host"] or "127.0.0.1").strip("[]")
        try:
            address = Address.of(host, int(match["port"]))
            if warning := admit(
                address, unauthenticated=options["allow_unauthenticated"]
            ):
                self.stderr.write(self.style.WARNING(warning))
            address.probe()
            if missing := schema.compare().missing:
                self.stderr.write(
                    self.style.WARNING(
                        f"{len(missing)} migrations are missing: run manage.py migrate"
                    )
                )
            plan = Plan(address, has_services=False, has_agent=False)
            return Start(plan, on_ready=self.tell_address).run(signals=signals)
        except (NotAllowed, PortBusy) as error:
            raise CommandError(str(error)) from error

    def tell_address(self, url: str) -> None:
        """Say that the server listens now."""
        self.stdout.write(f"Orion is ready: {url}")
        self.stdout.flush()
