"""The controls of a form as templates draw them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from typing import Any

from dashboard.schema_forms.reading import Path, Reader
from dashboard.schema_forms.shapes import ABSENT, Shape
from dashboard.schema_forms.texts import (
    DEFAULT,
    FILLED,
    NULL,
    as_json,
    below,
    branch,
    count_of,
)

RADIOS = 4  # alternatives shown side by side; more go into a list
INPUTS = {
    "date": "date",
    "date-time": "datetime-local",
    "time": "time",
    "email": "email",
    "uri": "url",
    "password": "password",
}
LONG = {"multiline", "json", "json-string"}
ATTRIBUTES = {
    "minLength": "minlength",
    "maxLength": "maxlength",
    "minimum": "min",
    "maximum": "max",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose."""

    value: str
    text: str
    on: bool


@dataclass(slots=True)
class Control:
    """One place of the form."""

    kind: str
    name: str
    field: str  # of the text, where it is one
    path: Path
    label: str
    description: str = ""
    default: str = ""
    required: bool = False
    mode: str = FILLED
    modes: list[Option] = filled(default_factory=list)
    input: str = "text"
    step: str = ""
    limits: dict[str, Any] = filled(default_factory=dict)
    text: str = ""
    key: str = ""  # of a map's row
    options: list[Option] = filled(default_factory=list)
    inside: list[Control] = filled(default_factory=list)
    can_move: bool = False
    errors: list[str] = filled(default_factory=list)

    @property
    def id(self) -> str:
        """Its id in the document."""
        return f"f-{self.name}"

    @property
    def is_group(self) -> bool:
        """Whether it holds other controls, or several of them."""
        return self.kind in {"object", "list", "map", "union", "radios", "choices"}

    @property
    def said_by(self) -> str:
        """The ids of the texts that describe it."""
        ids = [f"{self.id}-about"] if self.description or self.default else []
        return " ".join([*ids, f"{self.id}-error"] if self.errors else ids)

    @property
    def is_open(self) -> bool:
        """Whether a group is shown unfolded."""
        return self.required or self.mode == FILLED or bool(self.errors)

    @property
    def drawn(self) -> str:
        """The template of its inside."""
        return f"kit/schema/_{self.kind}.html"

    def everything(self) -> Iterator[Control]:
        """It and all that is below it."""
        yield self
        for one in self.inside:
            yield from one.everything()


class Drawer:
    """Draws shapes with the texts of a reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.texts = reader.texts

    def draw(self, shape: Shape, name: str, path: Path, *, label: str = "") -> Control:
        """The control of one place, and those below it."""
        mode = self.reader.mode(shape, name)
        # What is left to its default shows the default, whatever was typed before.
        self.texts = self.reader.shown if mode == DEFAULT else self.texts
        control = Control(
            shape.kind,
            name,
            name,
            path,
            label or shape.title or str(path[-1] if path else ""),
            shape.description,
            _told(shape),
            shape.required and shape.default is ABSENT,
            mode,
            list(_modes(shape, mode)) if shape.may_differ else [],
        )
        before = self.texts
        if f"{name}:json" in self.texts:
            control.kind, control.text = "json", self._one(f"{name}:json")
            control.field = f"{name}:json"
        else:
            getattr(self, f"_{shape.kind}", self._json)(shape, control)
        self.texts = before if mode != DEFAULT else self.reader.texts
        return control

    def _text(self, shape: Shape, control: Control) -> None:
        kind = str(shape.schema.get("format") or "")
        control.text = self._one(control.name)
        control.input = INPUTS.get(kind, "text")
        if shape.schema.get("writeOnly"):
            control.input = "password"
        if kind in LONG or "\n" in control.text or len(control.text) > 120:
            control.kind = "long"
        control.limits = _limits(shape)
        if control.input == "datetime-local":
            control.step = "1"

    def _number(self, shape: Shape, control: Control) -> None:
        control.text = self._one(control.name)
        control.kind, control.input = "text", "number"
        control.limits = _limits(shape)
        whole = "1" if shape.kind == "integer" else "any"
        control.step = str(shape.schema.get("multipleOf") or whole)

    _integer = _number

    def _boolean(self, shape: Shape, control: Control) -> None:
        control.kind = "radios"
        text = self._one(control.name)
        control.options = [
            Option("true", "True", text == "true"),
            Option("false", "False", text == "false"),
        ]

    def _choice(self, shape: Shape, control: Control) -> None:
        text = self._one(control.name)
        control.options = [
            Option(as_json(one), _shown(one), as_json(one) == text)
            for one in shape.options
        ]
        control.kind = "radios" if len(control.options) <= RADIOS else "select"

    def _choices(self, shape: Shape, control: Control) -> None:
        chosen = self.texts.get(control.name, [])
        control.options = [
            Option(as_json(one), _shown(one), as_json(one) in chosen)
            for one in shape.options
        ]

    def _json(self, shape: Shape, control: Control) -> None:
        control.text = self._one(control.name)

    def _list(self, shape: Shape, control: Control) -> None:
        for index in range(count_of(self.texts, control.name)):
            here = below(control.name, index)
            label = f"{control.label} {index + 1}"
            row = self.draw(shape.item, here, (*control.path, index), label=label)
            row.key = self._one(f"{here}:key")
            row.can_move = shape.kind == "list"
            control.inside.append(row)

    _map = _list

    def _object(self, shape: Shape, control: Control) -> None:
        control.inside = [
            self.draw(one, below(control.name, key), (*control.path, key))
            for key, one in shape.properties.items()
        ]

    def _union(self, shape: Shape, control: Control) -> None:
        chosen = self._one(f"{control.name}:kind") or "0"
        for index, one in enumerate(shape.branches):
            title = one.title or _KINDS.get(one.kind, one.kind)
            here = branch(control.name, index)
            inner = self.draw(one, here, control.path, label=title)
            inner.key = str(index)
            control.inside.append(inner)
            control.options.append(Option(str(index), title, str(index) == chosen))

    def _one(self, name: str) -> str:
        return (self.texts.get(name) or [""])[-1]


_KINDS = {
    "text": "Text",
    "integer": "Whole number",
    "number": "Number",
    "boolean": "True or false",
    "list": "List",
    "map": "Keys and values",
    "object": "Fields",
    "choice": "Choice",
    "choices": "Choices",
    "json": "JSON",
    "union": "Other",
}


def spread(controls: list[Control], mistakes: Mapping[Path, str]) -> list[str]:
    """Put each mistake at the deepest control on its way; what belongs to none is
    returned."""
    places: dict[Path, Control] = {}
    for control in controls:
        for one in control.everything():
            places.setdefault(one.path, one)
    homeless = []
    for path, said in mistakes.items():
        ways = (path[:length] for length in range(len(path), 0, -1))
        home = next((places[way] for way in ways if way in places), None)
        if home is None:
            homeless.append(said)
        else:
            rest = ".".join(str(part) for part in path[len(home.path) :])
            home.errors.append(f"{rest}: {said}" if rest else said)
    return homeless


def _told(shape: Shape) -> str:
    """The default in words."""
    if shape.default is ABSENT or shape.default is None:
        return ""
    if shape.schema.get("writeOnly") or shape.schema.get("format") == "password":
        return "kept secret"
    text = _shown(shape.default)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value)


def _modes(shape: Shape, mode: str) -> Iterator[Option]:
    has_default = shape.default is not ABSENT
    yield Option(FILLED, "Set", mode == FILLED)
    if has_default or not shape.required:
        text = "Default" if has_default else "Left out"
        yield Option(DEFAULT, text, mode == DEFAULT)
    if shape.nullable:
        yield Option(NULL, "Null", mode == NULL)


def _limits(shape: Shape) -> dict[str, Any]:
    return {
        ours: shape.schema[theirs]
        for theirs, ours in ATTRIBUTES.items()
        if isinstance(shape.schema.get(theirs), int | float)
    }
