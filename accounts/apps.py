"""The accounts app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users and workspaces."""

    name = "accounts"
    label = "orion_accounts"
    verbose_name = "Accounts"
