"""The event loop that the web server gets, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.server import ROOT

ASK = """
import sys
{before}
from ops.web import event_loop
{ask}
"""
UNDER_TWISTED = """
event_loop.put_under_twisted()
event_loop.put_under_twisted()
from daphne.server import Server
from twisted.internet import reactor
print(type(reactor._asyncioEventloop).__module__.partition(".")[0])
"""
OF_ITS_OWN = 'print(type(event_loop.new()).__module__.partition(".")[0])'
SERVERS = pytest.mark.parametrize("ask", [OF_ITS_OWN, UNDER_TWISTED])


def loop_of(ask: str, before: str = "") -> str:
    """The package of the loop that a server gets."""
    asked = [sys.executable, "-c", ASK.format(before=before, ask=ask)]
    ran = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@SERVERS
@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
def test_it_is_the_fast_one_where_that_is_installed(ask):
    assert loop_of(ask) == "uvloop"


@SERVERS
def test_it_is_asyncios_own_where_it_is_not(ask):
    assert loop_of(ask, "sys.modules['uvloop'] = None") == "asyncio"


def test_a_reactor_that_is_there_already_stays():
    before = "import asyncio; from twisted.internet import asyncioreactor as a\n"
    before += "a.install(asyncio.SelectorEventLoop())"

    assert loop_of(UNDER_TWISTED, before) == "asyncio"
