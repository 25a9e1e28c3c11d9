"""The grammar of text searches over log lines."""

from __future__ import annotations

import re

from django.db.models import Q

LENGTH = 200  # characters of a query

_WORD = re.compile(r'([-!+]?)(?:"([^"]*)"|(\S+))')


def text(query: str) -> Q:
    """Words are alternatives; `-x` and `!x` exclude, `+x` must be there.

    `"several words"` count as one. Case does not matter; messages and logger names
    are searched.
    """
    some, every = Q(), Q()
    for sign, phrase, word in _WORD.findall(query):
        wanted = phrase or word
        if not wanted:
            continue
        found = Q(message__icontains=wanted) | Q(name__icontains=wanted)
        if sign == "":
            some |= found
        else:
            every &= found if sign == "+" else ~found
    return some & every
