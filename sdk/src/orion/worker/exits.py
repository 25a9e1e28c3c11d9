"""What the exit code of a run's process means, and what the agent does about it."""

from __future__ import annotations

import signal
from dataclasses import dataclass

OK, FAILED, UNLOADABLE = 0, 1, 2
STEP_FAILED, UNREACHABLE, ENGINE_BUG = 64, 69, 70
RESCHEDULED, ABORTED, INTERRUPTED, TERMINATED = 75, 76, 130, 143
LAUNCH_TRIES = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: the reason in words, and whether another try makes sense."""

    text: str
    may_relaunch: bool = False


_KILLED = Meaning("killed (out of memory?)")
_STOPPED = Meaning("was stopped from outside")
MEANINGS = {
    OK: Meaning("ended without having reported a final state"),
    FAILED: Meaning("ended as failed without having reported it"),
    UNLOADABLE: Meaning("could not load the flow"),
    STEP_FAILED: Meaning("a step before the run failed"),
    UNREACHABLE: Meaning("could not reach the API", may_relaunch=True),
    ENGINE_BUG: Meaning("the engine itself failed"),
    RESCHEDULED: Meaning("was put off"),
    ABORTED: Meaning("was refused by the server"),
    INTERRUPTED: _STOPPED,
    TERMINATED: _STOPPED,
    -signal.SIGINT: _STOPPED,
    -signal.SIGTERM: _STOPPED,
    -9: _KILLED,
    137: _KILLED,
    -11: Meaning("a segmentation fault"),
    139: Meaning("a segmentation fault"),
    0xC0000005: Meaning("a segmentation fault"),
    0xC000013A: _STOPPED,
}


def meaning(code: int | None) -> Meaning:
    """The row of a code; None is a process that vanished while nobody watched."""
    if code is None:
        return Meaning("vanished while no agent was watching")
    return MEANINGS.get(code, Meaning("ended without having reported a final state"))


def describe(code: int | None) -> str:
    """One line for the run's state: code, name of the signal, what it means."""
    if code is None:
        return f"The run's process {meaning(code).text}; its exit code is unknown."
    named = f"exit code {code}"
    if signal_name := name_of_signal(code):
        named += f" ({signal_name})"
    return f"The run's process ended with {named}: {meaning(code).text}."


def name_of_signal(code: int) -> str | None:
    """SIGKILL for -9 and for 137, None for an ordinary code."""
    number = -code if code < 0 else code - 128
    try:
        return signal.Signals(number).name
    except ValueError:
        return None
