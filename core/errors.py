"""Domain errors. Each face maps them to its own answers in one table."""

from __future__ import annotations


class DomainError(Exception):
    """Base of everything a verb refuses on purpose."""


class NotFound(DomainError):
    """The object does not exist or is not visible to the actor."""


class Conflict(DomainError):
    """The request contradicts what is stored: a duplicate, a changed object."""


class Refused(DomainError):
    """A rule forbids it, whoever asks."""


class Forbidden(DomainError):
    """The actor may not do this."""


class Invalid(DomainError):
    """The input cannot be used; the text says what was wanted and found."""


class Locked(DomainError):
    """No slot is free now; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Gone(DomainError):
    """It existed, and has expired or was given back."""


class Busy(DomainError):
    """The database did not get to it in time; the caller should try again."""
