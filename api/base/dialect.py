"""Which client is speaking, and whether it is too old."""

from __future__ import annotations

import re

from django.http import HttpRequest

from core.dialect import Dialect, spoken_by

API_VERSION = "0.8.4"
_OLDEST = (0, 8, 0)
_FORM = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class WrongVersion(Exception):
    """The version header is malformed or names a version we no longer speak."""


def dialect_of(request: HttpRequest) -> Dialect:
    """The generation of the client, by its `User-Agent`."""
    return spoken_by(request.META.get("HTTP_USER_AGENT", ""))


def check_version(request: HttpRequest) -> None:
    """Refuse clients of an API older than 0.8.0; no header is fine.

    Raises:
        WrongVersion: it is malformed or too low.
    """
    sent = request.META.get("HTTP_X_PREFECT_API_VERSION")
    if sent is None or sent == API_VERSION:
        return
    match = _FORM.fullmatch(sent)
    if match is None:
        raise WrongVersion(
            "Invalid X-PREFECT-API-VERSION header format."
            f"Expected header in format 'x.y.z' but received {sent}"
        )
    if tuple(map(int, match.groups())) < _OLDEST:
        raise WrongVersion(
            f"The request specified API version {sent} but this server requires "
            "version 0.8.0 or higher."
        )
