"""Values as the texts of a form's fields, and rows that come, go and move."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.schema_forms.shapes import ABSENT, Shape

Texts = dict[str, list[str]]

FILLED, DEFAULT, NULL = "value", "default", "null"


def as_json(value: Any) -> str:
    """A value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def pretty(value: Any) -> str:
    """A value as JSON over several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def below(name: str, key: object) -> str:
    """The field name of a member, by JSON pointer."""
    return f"{name}/{str(key).replace('~', '~0').replace('/', '~1')}"


def branch(name: str, index: int) -> str:
    """The field name of an alternative."""
    return f"{name}:{index}"


class Writer:
    """Writes values into texts; times are told in `zone`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.texts: Texts = {}

    def write(self, shape: Shape, name: str, value: Any) -> None:
        """The texts of one value; ABSENT shows the default as such."""
        if shape.may_differ:
            is_default = value is ABSENT or (
                shape.default is not ABSENT and value == shape.default
            )
            mode = DEFAULT if is_default else NULL if value is None else FILLED
            if mode == DEFAULT and shape.default is ABSENT and shape.required:
                mode = FILLED
            self.texts[f"{name}:mode"] = [mode]
        if value is ABSENT:
            value = shape.default
        if value is None and shape.nullable:
            value = ABSENT
        if value is not ABSENT and not _fits(shape, value):
            self.texts[f"{name}:json"] = [pretty(value)]
            return
        getattr(self, f"_{shape.kind}")(shape, name, value)

    def _text(self, shape: Shape, name: str, value: Any) -> None:
        text = "" if value is ABSENT else value
        if shape.schema.get("format") == "date-time":
            text = _local(text, self.zone)
        self.texts[name] = [text]

    def _number(self, shape: Shape, name: str, value: Any) -> None:
        self.texts[name] = ["" if value is ABSENT else as_json(value)]

    _integer = _choice = _number

    def _boolean(self, shape: Shape, name: str, value: Any) -> None:
        if value is ABSENT and not shape.may_differ:
            self.texts[name] = []
        else:
            self.texts[name] = ["true" if value is True else "false"]

    def _choices(self, shape: Shape, name: str, value: Any) -> None:
        self.texts[name] = [as_json(v) for v in ([] if value is ABSENT else value)]

    def _json(self, shape: Shape, name: str, value: Any) -> None:
        self.texts[name] = ["" if value is ABSENT else pretty(value)]

    def _list(self, shape: Shape, name: str, value: Any) -> None:
        rows = [] if value is ABSENT else value
        self.texts[f"{name}:n"] = [str(len(rows))]
        for index, one in enumerate(rows):
            self.write(shape.item, below(name, index), one)

    def _map(self, shape: Shape, name: str, value: Any) -> None:
        rows = {} if value is ABSENT else value
        self.texts[f"{name}:n"] = [str(len(rows))]
        for index, (key, one) in enumerate(rows.items()):
            self.texts[f"{below(name, index)}:key"] = [key]
            self.write(shape.item, below(name, index), one)

    def _object(self, shape: Shape, name: str, value: Any) -> None:
        for key, one in shape.properties.items():
            inner = ABSENT if value is ABSENT else value.get(key, ABSENT)
            self.write(one, below(name, key), inner)

    def _union(self, shape: Shape, name: str, value: Any) -> None:
        branches = shape.branches
        fitting = (i for i, one in enumerate(branches) if _fits(one, value))
        chosen = 0 if value is ABSENT else next(fitting, 0)
        self.texts[f"{name}:kind"] = [str(chosen)]
        for index, one in enumerate(branches):
            mine = value if index == chosen else ABSENT
            self.write(one, branch(name, index), mine)


def _local(text: str, zone: ZoneInfo) -> str:
    """A moment as the browser's control wants it, in the reader's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    here = moment.astimezone(zone) if moment.tzinfo else moment
    return here.strftime("%Y-%m-%dT%H:%M:%S")


def _fits(shape: Shape, value: Any) -> bool:
    """Whether the shape's control can show the value without losing any of it."""
    match shape.kind:
        case "text":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "choice":
            return value in shape.options
        case "choices":
            return isinstance(value, list) and all(v in shape.options for v in value)
        case "list":
            return isinstance(value, list)
        case "map":
            return isinstance(value, dict)
        case "object":
            return isinstance(value, dict) and set(value) <= set(shape.properties)
        case "union":
            return any(_fits(one, value) for one in shape.branches)
    return True


def edited(texts: Mapping[str, list[str]], command: str) -> Texts:
    """The texts after `add:NAME`, or `remove|up|down:NAME/INDEX`."""
    verb, _, place = command.partition(":")
    name, _, row = (place, "", "") if verb == "add" else place.rpartition("/")
    count = count_of(texts, name)
    rows = [_row(texts, below(name, index)) for index in range(count)]
    if verb == "add":
        rows.append({})
    elif row.isdecimal() and int(row) < count:
        index = int(row)
        one = rows.pop(index)
        if verb in ("up", "down"):
            rows.insert(max(0, index + (1 if verb == "down" else -1)), one)
    kept = {
        key: value
        for key, value in texts.items()
        if not any(_is_in(key, below(name, index)) for index in range(count))
    }
    for index, one in enumerate(rows):
        kept |= {below(name, index) + rest: value for rest, value in one.items()}
    kept[f"{name}:n"] = [str(len(rows))]
    return kept


def count_of(texts: Mapping[str, list[str]], name: str) -> int:
    """How many rows a list has; a form cannot ask for more than a thousand."""
    text = (texts.get(f"{name}:n") or [""])[0]
    return min(int(text), 1000) if text.isdecimal() else 0


def within(texts: Mapping[str, list[str]], name: str) -> Texts:
    """The texts of a place and what is below it, its mode aside."""
    own = {f"{name}:mode", f"{name}:was"}
    return {
        key: [one.replace("\r\n", "\n") for one in value]
        for key, value in texts.items()
        if _is_in(key, name) and key not in own and not key.endswith(":was")
    }


def is_sent(texts: Mapping[str, list[str]], name: str) -> bool:
    """Whether the browser sent anything about a place."""
    return any(_is_in(key, name) for key in texts)


def _row(texts: Mapping[str, list[str]], prefix: str) -> Texts:
    return {
        key[len(prefix) :]: value for key, value in texts.items() if _is_in(key, prefix)
    }


def _is_in(key: str, prefix: str) -> bool:
    return key == prefix or key.startswith((f"{prefix}/", f"{prefix}:"))
