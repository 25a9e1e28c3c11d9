"""Runs a module as a program that ends when the process at the other end of its
standard input does.

`python ops/leash.py MODULE …`. Standard library only: this runs in the agent's process,
which must not see the server's code.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

SECOND_SIGNAL_AFTER = 3.0  # seconds for a clean end before work is broken off
END_AFTER = 8.0  # seconds until the process ends itself


def watch() -> None:
    """Wait for the end of standard input, then make this process end."""
    while os.read(0, 1024):
        pass
    signal.raise_signal(signal.SIGTERM)
    time.sleep(SECOND_SIGNAL_AFTER)
    signal.raise_signal(signal.SIGTERM)
    time.sleep(END_AFTER - SECOND_SIGNAL_AFTER)
    os._exit(1)


def main() -> None:
    """Start watching, then become the module."""
    threading.Thread(target=watch, name="leash", daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
