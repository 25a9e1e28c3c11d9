"""`manage.py run_services`: every loop in one process."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.loops import find_loops, run_loops


class Command(BaseCommand):
    """Run all loops until SIGTERM or Ctrl-C."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--list", action="store_true", help="name the loops")
        parser.add_argument("--once", action="store_true", help="one tick of each")

    def handle(self, **options: Any) -> None:
        """Name the loops, or run them."""
        if not options["list"]:
            sys.exit(run_loops(once=options["once"]))
        for loop in find_loops():
            every = f"{loop.interval.total_seconds():g} s"
            what = (type(loop).__doc__ or "").strip().splitlines()[0]
            self.stdout.write(f"{loop.name:<24} {every:>7}  {what}")
