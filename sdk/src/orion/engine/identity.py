"""Ids that sort by time, and names that people can remember."""

from __future__ import annotations

import os
import random
import time
from uuid import UUID

_ADJECTIVES = """
amber brave bright calm clever cosmic crimson curious daring dapper eager early
fabled fearless fluent frosty gentle golden grand happy hardy honest humble jolly
keen kind lively loyal lucid lunar mellow merry mighty misty modest noble nimble
patient plucky proud quick quiet radiant rapid rosy royal sage serene sharp silent
silver sincere smart solar sturdy sunny swift tidy tranquil upbeat vivid warm wise
"""
_NOUNS = """
albatross antelope aurora badger beacon beaver bison breeze canyon caracal comet
condor coral crane dolphin dune eagle ember falcon fern finch fjord fox gazelle
glacier harbor hawk heron ibex iris island jaguar kestrel lagoon lark lemur lynx
maple marten meadow meteor nebula newt ocelot orchid osprey otter owl panther
pelican pine plover puffin quail raven reef robin sable sparrow swallow tapir tundra
walrus willow wren
"""


def new_id() -> UUID:
    """A version 7 UUID: milliseconds, then chance."""
    stamp = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    upper = (stamp << 16) | 0x7000 | (chance >> 68)
    lower = 0x8000000000000000 | (chance & 0x3FFFFFFFFFFFFFFF)
    return UUID(int=(upper << 64) | lower)


def new_name() -> str:
    """An adjective and a noun."""
    first, second = _ADJECTIVES.split(), _NOUNS.split()
    return f"{random.choice(first)}-{random.choice(second)}"  # noqa: S311 - a name
