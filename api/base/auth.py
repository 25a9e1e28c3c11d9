"""Who asks, and whether they may: the one place where the API gets its actor."""

from __future__ import annotations

from django.http import HttpRequest

from core.actor import OWNER, Actor
from core.errors import Forbidden


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind a request: without accounts, the local owner."""
    return OWNER


def permit(actor: Actor, action: str) -> None:
    """Let the actor pass.

    Raises:
        Forbidden: the actor may not do `action`.
    """
    if not actor.may(action):
        raise Forbidden(f"{actor.name} may not do this; it needs {action!r}.")
