"""Which generation of clients is speaking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_CLIENT = re.compile(r"^prefect/(\d+)\.(\d+)\.(\d+)(\S*) \(API \S+\)$")


@dataclass(frozen=True, slots=True)
class Dialect:
    """`generation` is 2 or 3; `version` is the client's own, when it said one."""

    generation: int
    version: tuple[int, int, int] | None = None
    text: str | None = None

    def is_before(self, *version: int) -> bool:
        """Whether the client is older than `version`; unknown clients are new."""
        return self.version is not None and self.version < version


TWO = Dialect(2)
THREE = Dialect(3)


@lru_cache(maxsize=256)
def spoken_by(user_agent: str) -> Dialect:
    """The dialect of a client, from its `User-Agent`; anybody else counts as newest."""
    match = _CLIENT.match(user_agent)
    if match is None:
        return THREE
    major, minor, patch = (int(part) for part in match.groups()[:3])
    text = f"{major}.{minor}.{patch}{match[4]}"
    generation = 2 if major == 2 else 3
    return Dialect(generation, (major, minor, patch), text)
