"""A person who signs in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser

from core.ids import uuid7
from django.db import models


class User(AbstractUser):
    """Django's user with a time-ordered id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
