"""`manage.py reset_db`: an empty database with all its tables."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ops import schema


class Command(BaseCommand):
    """Ask, delete every table, apply all migrations."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, **options: Any) -> None:
        """Do it when the person is sure."""
        name = schema.database_name()
        if not options["yes"] and not self.is_sure(name):
            raise CommandError("Nothing was deleted.")
        count = schema.rebuild()
        self.stdout.write(f"{name} is empty now; {count} migrations were applied.")

    def is_sure(self, name: str) -> bool:
        """Ask for the word."""
        try:
            answer = input(f"This deletes everything in {name}. Type 'yes' to go on: ")
        except EOFError:
            return False
        return answer.strip().lower() == "yes"
