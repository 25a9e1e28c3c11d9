"""Verbs on accounts."""

from __future__ import annotations

from accounts.models import User

OWNER_NAME = "owner"


def local_owner() -> User:
    """The user that stands for the person at this machine; made when first wanted."""
    owner = User.objects.filter(username=OWNER_NAME).first()
    if owner is None:
        owner, _ = User.objects.get_or_create(
            username=OWNER_NAME,
            defaults={
                "is_staff": True,
                "is_superuser": True,
                "first_name": "Owner",
            },
        )
    return owner
