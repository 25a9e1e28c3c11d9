"""The event loop that the web server gets, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.server import ROOT

ASK = """
import sys
{before}
from ops import event_loop
event_loop.install()
event_loop.install()
from daphne.server import Server
from twisted.internet import reactor
print(type(reactor._asyncioEventloop).__module__.partition(".")[0])
"""


def loop_of(before: str) -> str:
    """The package of the loop under twisted's reactor."""
    asked = [sys.executable, "-c", ASK.format(before=before)]
    ran = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
def test_it_is_the_fast_one_where_that_is_installed():
    assert loop_of("") == "uvloop"


def test_it_is_asyncios_own_where_it_is_not():
    assert loop_of("sys.modules['uvloop'] = None") == "asyncio"


def test_a_reactor_that_is_there_already_stays():
    before = "import asyncio; from twisted.internet import asyncioreactor as a\n"
    before += "a.install(asyncio.SelectorEventLoop())"

    assert loop_of(before) == "asyncio"
