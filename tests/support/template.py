"""Migrated databases by the copy: migrations run once, every server gets its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.support.postgres import create_database, drop_database
from tests.support.server import ROOT, clean_environment


class Template:
    """A migrated, empty database of the chosen kind."""

    def __init__(self, folder: Path, postgres: str | None) -> None:
        self.folder = folder
        self.postgres = postgres
        self.name = f"orion_template_{os.getpid()}"
        self.file = folder / "template.db"
        self.url = (
            create_database(postgres, self.name)
            if postgres
            else f"sqlite:///{self.file}"
        )
        env = clean_environment() | {
            "ORION_HOME": str(folder),
            "ORION_DATABASE_URL": self.url,
        }
        command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, env=env, check=True)

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The address of a fresh copy, dropped afterwards."""
        name = f"orion_{uuid4().hex}"
        if self.postgres:
            yield create_database(self.postgres, name, template=self.name)
            drop_database(self.postgres, name)
        else:
            file = self.folder / name / "orion.db"
            file.parent.mkdir()
            shutil.copy(self.file, file)
            yield f"sqlite:///{file}"
            shutil.rmtree(file.parent)

    def remove(self) -> None:
        """Forget it."""
        if self.postgres:
            drop_database(self.postgres, self.name)
