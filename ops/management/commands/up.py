"""`manage.py up`: everything that `start` starts, and an example to look at."""

from __future__ import annotations

from typing import Any

from ops.example import Example
from ops.management.commands.start import Command as Start


class Command(Start):
    """Start everything, deploy the example, say where its finished run is."""

    help = __doc__ or ""
    example: Example | None = None

    def handle(self, **options: Any) -> None:
        """As `start` does, and end the example with it."""
        try:
            super().handle(**options)
        finally:
            if self.example:
                self.example.stop()

    def tell_address(self, url: str) -> None:
        """The server listens: the example may be deployed."""
        super().tell_address(url)
        self.example = Example(url.rstrip("/"), self.say)
        self.example.start()
