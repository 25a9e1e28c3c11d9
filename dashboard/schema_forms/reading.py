"""Texts of a form's fields as values, with the mistakes at their places."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.schema_forms.shapes import ABSENT, Shape
from dashboard.schema_forms.texts import (
    DEFAULT,
    FILLED,
    NULL,
    below,
    branch,
    count_of,
    is_sent,
    within,
)

Path = tuple[str | int, ...]
_WHOLE = re.compile(r"[+-]?\d+")


class Mistaken(Exception):
    """A text that means nothing; says what was wanted."""


class Reader:
    """Reads texts; what differs from `shown` was filled in by the person."""

    def __init__(
        self,
        texts: Mapping[str, list[str]],
        shown: Mapping[str, list[str]],
        zone: ZoneInfo,
    ) -> None:
        self.texts = texts
        self.shown = shown
        self.zone = zone
        self.mistakes: dict[Path, str] = {}

    def mode(self, shape: Shape, name: str) -> str:
        """How the place is answered: with its value, the default, or null.

        A switch that was moved wins; else a text that was changed counts.
        """
        if not shape.may_differ:
            return FILLED
        first = self._one(self.shown, f"{name}:mode") or FILLED
        was = self._one(self.texts, f"{name}:was") or first
        chosen = self._one(self.texts, f"{name}:mode") or was
        if chosen != was or was == FILLED:
            return chosen
        return FILLED if self._changed(name) else was

    def read(self, shape: Shape, name: str, path: Path = ()) -> Any:
        """The value, or ABSENT where the default is left to stand."""
        mode = self.mode(shape, name)
        if mode == DEFAULT:
            return ABSENT
        if mode == NULL:
            return None
        try:
            if f"{name}:json" in self.texts:
                return parsed(self._one(self.texts, f"{name}:json"))
            return getattr(self, f"_{shape.kind}")(shape, name, path)
        except Mistaken as mistake:
            self.mistakes[path] = str(mistake)
            return ABSENT

    def _text(self, shape: Shape, name: str, path: Path) -> Any:
        text = self._one(self.texts, name).replace("\r\n", "\n")
        kind = shape.schema.get("format")
        if kind in _FORMATS:
            return self._formatted(shape, kind, text)
        return ABSENT if not text and not shape.may_differ else text

    def _formatted(self, shape: Shape, kind: str, text: str) -> Any:
        if not text.strip():
            return self._blank(shape)
        parse, wanted = _FORMATS[kind]
        try:
            moment = parse(text.strip())
        except ValueError:
            raise Mistaken(f"{wanted} is wanted, found {text!r:.60}.") from None
        if isinstance(moment, datetime) and moment.tzinfo is None:
            return moment.replace(tzinfo=self.zone).isoformat()
        return text.strip()

    def _integer(self, shape: Shape, name: str, path: Path) -> Any:
        text = self._one(self.texts, name).strip()
        if not text:
            return self._blank(shape)
        if not _WHOLE.fullmatch(text) or len(text) > 400:
            raise Mistaken(f"A whole number is wanted, found {text!r:.60}.")
        return int(text)

    def _number(self, shape: Shape, name: str, path: Path) -> Any:
        text = self._one(self.texts, name).strip()
        if not text:
            return self._blank(shape)
        if _WHOLE.fullmatch(text) and len(text) <= 400:
            return int(text)
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise Mistaken(f"A number is wanted, found {text!r:.60}.")
        return number

    def _boolean(self, shape: Shape, name: str, path: Path) -> Any:
        text = self._one(self.texts, name)
        return text == "true" if text else self._blank(shape)

    def _choice(self, shape: Shape, name: str, path: Path) -> Any:
        text = self._one(self.texts, name)
        return parsed(text) if text else self._blank(shape)

    def _choices(self, shape: Shape, name: str, path: Path) -> Any:
        return [parsed(text) for text in self.texts.get(name, []) if text]

    def _json(self, shape: Shape, name: str, path: Path) -> Any:
        text = self._one(self.texts, name)
        return parsed(text) if text.strip() else self._blank(shape)

    def _list(self, shape: Shape, name: str, path: Path) -> Any:
        found = []
        for index in range(count_of(self.texts, name)):
            here = (*path, index)
            one = self.read(shape.item, below(name, index), here)
            if one is ABSENT and here not in self.mistakes:
                if shape.item.kind == "text":
                    one = ""
                else:
                    self.mistakes[here] = "Fill this row in, or remove it."
            found.append(one)
        return found

    def _map(self, shape: Shape, name: str, path: Path) -> Any:
        found: dict[str, Any] = {}
        for index in range(count_of(self.texts, name)):
            here = below(name, index)
            key = self._one(self.texts, f"{here}:key")
            one = self.read(shape.item, here, (*path, index))
            if key in found:
                raise Mistaken(f"The key {key!r:.60} is there twice.")
            if key or one not in (ABSENT, ""):
                found[key] = "" if one is ABSENT else one
        return found

    def _object(self, shape: Shape, name: str, path: Path) -> Any:
        found = {}
        for key, one in shape.properties.items():
            value = self.read(one, below(name, key), (*path, key))
            if value is not ABSENT:
                found[key] = value
        return found

    def _union(self, shape: Shape, name: str, path: Path) -> Any:
        chosen = self._one(self.texts, f"{name}:kind")
        branches = shape.branches
        index = int(chosen) if chosen.isdecimal() else 0
        if index >= len(branches):
            raise Mistaken("Choose a kind.")
        return self.read(branches[index], branch(name, index), path)

    def _blank(self, shape: Shape) -> Any:
        """An empty control: nothing said where a value must be, else a mistake."""
        if shape.may_differ and shape.depth:
            raise Mistaken("Fill this in, or choose another answer beside its name.")
        return ABSENT

    def _changed(self, name: str) -> bool:
        """Whether the person touched it; what was not even sent is as it was."""
        if not is_sent(self.texts, name):
            return False
        now, then = within(self.texts, name), within(self.shown, name)
        return {k: v for k, v in now.items() if any(v)} != {
            k: v for k, v in then.items() if any(v)
        }

    @staticmethod
    def _one(texts: Mapping[str, list[str]], name: str) -> str:
        return (texts.get(name) or [""])[-1]


_FORMATS = {
    "date": (date.fromisoformat, "A date such as 2026-11-21"),
    "date-time": (datetime.fromisoformat, "A date and time such as 2026-11-21T06:00"),
    "time": (time.fromisoformat, "A time such as 06:30"),
}


def parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        said = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise Mistaken(f"This is not JSON: {said}.") from None
    except (RecursionError, ValueError) as error:
        raise Mistaken(f"This cannot be used: {error}.") from None


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")
