"""A workspace: the outermost fence around objects."""

from __future__ import annotations

from django.db import models

from core.clock import now


class Workspace(models.Model):
    """Every top-level row belongs to one; number 1 is served at `/api`."""

    id = models.SmallAutoField(primary_key=True)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    created = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return self.name
