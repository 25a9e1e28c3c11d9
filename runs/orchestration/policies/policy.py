"""What a policy is: an ordered row of rules."""

from __future__ import annotations

from runs.orchestration.rule import Rule


class Policy:
    """The rules for one kind of run and client. Their order is behaviour."""

    def __init__(self, name: str, *rules: type[Rule]) -> None:
        self.name = name
        self.rules = tuple(rule() for rule in rules)
        self._selected: dict[tuple[str | None, str | None], tuple[Rule, ...]] = {}

    def select(self, leaving: str | None, entering: str | None) -> tuple[Rule, ...]:
        """The rules that look at this pair of state types, in order."""
        pair = (leaving, entering)
        found = self._selected.get(pair)
        if found is None:
            found = tuple(
                rule
                for rule in self.rules
                if rule.universal
                or (leaving in rule.leaving and entering in rule.entering)
            )
            self._selected[pair] = found
        return found
