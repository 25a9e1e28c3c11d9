"""`manage.py run_lazarus`: give claimed runs back that never started."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.loops import run_loops


class Command(BaseCommand):
    """Give back until a signal, or once."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="one tick of each")

    def handle(self, **options: Any) -> None:
        """Run the loops."""
        sys.exit(run_loops("claim-expiry", "lazarus", once=options["once"]))
