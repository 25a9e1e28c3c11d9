"""`manage.py run_zombie_killer`: crash runs that fell silent."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.loops import run_loops


class Command(BaseCommand):
    """Watch until a signal, or once."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="one tick of each")

    def handle(self, **options: Any) -> None:
        """Run the loops."""
        sys.exit(run_loops("zombie-killer", "quiet-runs", once=options["once"]))
