"""A second opinion on the life cycle of flow runs, written down from the contract.

It shares nothing with the engine: plain conditions in the contract's order, numbers for
times. `test_life_cycle.py` holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

FINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


@dataclass(frozen=True)
class Ask:
    """A proposal; times are seconds of the test's own clock."""

    type: str
    name: str = ""
    due: int | None = None
    has_result: bool = False
    ticket: int | None = None
    pause_key: str = "1"
    pause_until: int | None = None
    suspends: bool = False

    @property
    def title(self) -> str:
        return self.name or self.type.capitalize()


@dataclass
class Model:
    """What a flow run should look like."""

    generation: int
    has_deployment: bool
    retries: int | None
    delay: int
    state: Ask | None = None
    history: list[str] = field(default_factory=list)
    run_count: int = 0
    has_process: bool = False
    pause_keys: set[str] = field(default_factory=set)
    resuming: bool = False
    will_resume: bool = False  # set by the transition, after its bookkeeping
    started: bool = False
    ended: bool = False
    spent: int = 0
    since: int = 0

    def propose(self, ask: Ask, now: int, *, force: bool = False) -> str:
        """Judge, take over what follows, and return the status."""
        if ask.type == "SCHEDULED" and ask.due is None:
            ask = replace(ask, due=now)
        status, new = self._forced(ask) if force else self._judged(ask, now)
        if new is not None:
            self._enter(new, now)
        return status

    def _forced(self, ask: Ask) -> tuple[str, Ask | None]:
        instead = self._without_process(ask)
        if instead:
            return "REJECT", instead
        if self.generation == 3 and self._loses_result(ask):
            return "REJECT", None
        return "ACCEPT", ask

    def _judged(self, ask: Ask, now: int) -> tuple[str, Ask | None]:
        state, type = self.state, self.state.type if self.state else None
        if state and ask.ticket is not None and state.ticket == ask.ticket:
            return "REJECT", None
        refusal = self._leaving_final(ask) or self._cancelling(ask)
        if refusal:
            return refusal, None
        instead = self._without_process(ask)
        if instead:
            return "REJECT", instead
        claimed = {"PENDING", "CANCELLING", "RUNNING", "CANCELLED"}
        if ask.type == "PENDING" and type in claimed and not self._next_step(ask):
            return "ABORT", None
        if ask.title == "Late" and ask.type == "SCHEDULED":
            twice = self.generation == 3 and state and state.title == "Late"
            if type != "SCHEDULED" or twice:
                return "REJECT", None
        if ask.type == "PAUSED":
            refusal = self._pausing(ask)
            if refusal:
                return refusal, None
        if state and type == "PAUSED":
            verdict = self._leaving_pause(ask, state, now)
            if verdict:
                return verdict
        due = state.due if state else None
        is_early = type in {"SCHEDULED", "PENDING"} and (due or 0) > now
        if is_early and ask.type == "RUNNING":
            return "WAIT", None
        retries = -1 if self.retries is None else self.retries
        is_failing = type == "RUNNING" and ask.type == "FAILED"
        if is_failing and self.run_count <= retries:
            self.resuming, self.pause_keys = False, set()
            waiting = Ask("SCHEDULED", "AwaitingRetry", due=now + self.delay)
            return "REJECT", replace(waiting, has_result=ask.has_result)
        self._remember(ask, state)
        return "ACCEPT", ask

    def _leaving_final(self, ask: Ask) -> str | None:
        state = self.state
        if state is None or state.type not in FINAL:
            return None
        if ask.type in {"CANCELLING", "PAUSED", "CRASHED"}:
            return "ABORT"
        if state.type == "COMPLETED" and ask.type not in FINAL and state.has_result:
            return "REJECT"
        if ask.type == "SCHEDULED" and not self.has_deployment:
            return "ABORT"
        if self.generation == 3 and self._loses_result(ask):
            return "REJECT"
        return None

    def _loses_result(self, ask: Ask) -> bool:
        was = self.state
        both = was is not None and was.type == ask.type == "COMPLETED"
        return both and was.has_result and not ask.has_result  # type: ignore[union-attr]

    def _cancelling(self, ask: Ask) -> str | None:
        sticky = {"CANCELLING"} if self.generation == 3 else {"CANCELLING", "CANCELLED"}
        if self.state and self.state.type in sticky and ask.type != "CANCELLED":
            return "REJECT"
        return None

    def _without_process(self, ask: Ask) -> Ask | None:
        state = self.state
        if state is None or ask.type != "CANCELLING":
            return None
        waits = state.type == "SCHEDULED" and not self.has_process
        if waits or (state.type == "PAUSED" and state.suspends):
            return Ask("CANCELLED")
        return None

    def _next_step(self, ask: Ask) -> bool:
        return bool(
            self.generation == 3
            and self.state
            and self.state.type == "PENDING"
            and ask.title not in {self.state.title, "Pending"}
        )

    def _pausing(self, ask: Ask) -> str | None:
        if self.state is None:
            return "ABORT"
        if self.state.type != "RUNNING" or ask.pause_key in self.pause_keys:
            return "REJECT"
        return "ABORT" if ask.suspends and not self.has_deployment else None

    def _leaving_pause(
        self, ask: Ask, state: Ask, now: int
    ) -> tuple[str, Ask | None] | None:
        allowed = {"RUNNING", "SCHEDULED", *FINAL}
        if self.generation == 3 and ask.type == "CANCELLING":
            return None
        if ask.type not in allowed or (state.suspends and not self.has_deployment):
            self.resuming = True
            return "REJECT", None
        if state.pause_until is not None and state.pause_until < now:
            self.will_resume = True
            return "REJECT", Ask("FAILED")
        return None

    def _remember(self, ask: Ask, state: Ask | None) -> None:
        """Changes to the policy that only an accepted proposal makes."""
        if state and state.type in FINAL and ask.type not in FINAL:
            self.resuming, self.pause_keys = False, set()
        if ask.type == "PAUSED":
            self.pause_keys = self.pause_keys | {ask.pause_key}
        self.will_resume = bool(state and state.type == "PAUSED")

    def _enter(self, new: Ask, now: int) -> None:
        was = self.state
        if new.type == "PENDING" and was and was.due is not None and new.due is None:
            carries = self.generation == 3 and was.type == "PENDING"
            if was.type == "SCHEDULED" or carries:
                new = replace(new, due=was.due)
        if was and was.type == "RUNNING":
            self.spent += now - self.since
        if new.type == "RUNNING":
            self.started = True
            self.run_count += 0 if self.resuming else 1
        if new.type in FINAL:
            if self.generation == 3:
                self.started = self.ended = True
            else:
                self.ended = self.ended or self.started
        else:
            self.ended = False
        if new.type == "RUNNING" or new.type in FINAL:
            self.resuming = False
        self.resuming, self.will_resume = self.resuming or self.will_resume, False
        self.state, self.since = new, now
        self.history.append(new.title)
