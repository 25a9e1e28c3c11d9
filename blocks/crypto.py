"""Sealing the data of blocks. Keys rotate: the first seals, all of them open."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from core.conf import conf
from core.errors import Refused
from core.secrets import kept

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_FILE = "encryption_key"


class Unreadable(Refused):
    """None of the keys opens the data."""


def seal(data: dict[str, Any]) -> str:
    """The data as a token."""
    return _ring().encrypt(orjson.dumps(data, default=str)).decode()


def unseal(token: str) -> dict[str, Any]:
    """The data of a token.

    Raises:
        Unreadable: it was sealed with a key that is gone.
    """
    from cryptography.fernet import InvalidToken

    try:
        data: dict[str, Any] = orjson.loads(_ring().decrypt(token.encode()))
    except InvalidToken:
        raise Unreadable(
            "The data of a block was encrypted with another key. Put that key into "
            "ORION_ENCRYPTION_KEYS, behind the newest."
        ) from None
    return data


@cache
def _ring() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    given = conf.encryption_keys.get_secret_value()
    if not given:
        given = kept(conf.home / KEY_FILE, lambda: Fernet.generate_key().decode())
    keys = [key.strip() for key in given.split(",") if key.strip()]
    return MultiFernet([Fernet(key) for key in keys])
