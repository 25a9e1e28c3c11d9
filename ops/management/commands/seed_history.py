"""`manage.py seed_history DIR`: fill an empty database with a past from files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ops import schema, seeding


class Command(BaseCommand):
    """Make the tables if there are none, then write every file of the folder."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("folder", type=Path, help="one .ndjson file per table")

    def handle(self, **options: Any) -> None:
        """Do it, and say how much it was."""
        try:
            schema.bring_up_to_date()
            written = seeding.seed(options["folder"])
        except (seeding.Unseedable, schema.TooNew) as error:
            raise CommandError(str(error)) from None
        told = ", ".join(f"{count} {file}" for file, count in written.items())
        self.stdout.write(f"Written: {told}.")
