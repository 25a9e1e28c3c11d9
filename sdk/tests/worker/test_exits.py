from __future__ import annotations

import pytest

from orion.worker.exits import describe, meaning


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, "exit code 0: ended without having reported a final state."),
        (2, "exit code 2: could not load the flow."),
        (-9, "exit code -9 (SIGKILL): killed (out of memory?)."),
        (137, "exit code 137 (SIGKILL): killed (out of memory?)."),
        (-11, "exit code -11 (SIGSEGV): a segmentation fault."),
        (-15, "exit code -15 (SIGTERM): was stopped from outside."),
        (77, "exit code 77: ended without having reported a final state."),
        (None, "vanished while no agent was watching; its exit code is unknown."),
    ],
)
def test_an_exit_is_told_in_words(code: int | None, said: str) -> None:
    assert describe(code).endswith(said)


def test_only_an_unreachable_api_is_a_reason_to_launch_again() -> None:
    again = [code for code in range(-20, 160) if meaning(code).may_relaunch]

    assert again == [69]
