"""A person who signs in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from core.ids import uuid7


class User(AbstractUser):
    """Django's user with a time-ordered id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
