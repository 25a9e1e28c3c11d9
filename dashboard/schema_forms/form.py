"""A form of one schema: filled from values or from a request, checked, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from core import schemas
from core.errors import Invalid
from dashboard.schema_forms.controls import Control, Drawer, spread
from dashboard.schema_forms.reading import Mistaken, Path, Reader, parsed
from dashboard.schema_forms.shapes import ABSENT, Shape, shape_of, with_defaults
from dashboard.schema_forms.texts import Texts, Writer, below, edited, pretty

FORM, JSON = "form", "json"


class SchemaForm:
    """The members of an object schema as controls, or all of them as one JSON text.

    `defaults` stand where nothing else is said, `values` are shown as filled in.
    """

    def __init__(
        self,
        schema: Mapping[str, Any] | None,
        *,
        name: str,
        zone: ZoneInfo,
        defaults: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        sent: QueryDict | None = None,
    ) -> None:
        self.schema = schema or {}
        self.name = name
        self.description = ""
        self.defaults = dict(defaults or {})
        self.zone = zone
        root = shape_of(self.schema, self.schema)
        is_object = root.kind == "object"
        self.shapes: dict[str, Shape] = (
            with_defaults(root, self.defaults) if is_object else {}
        )
        self.shown = self._write(values or {})
        self.mistakes: dict[Path, str] = {}
        self.loose: list[str] = []
        self.view = FORM if self.shapes else JSON
        self.texts: Texts = dict(self.shown)
        self.other_text = self._others(values or {})
        self.json_text = pretty({**self.defaults, **(values or {})})
        if sent is not None:
            self._take(sent)

    @cached_property
    def values(self) -> dict[str, Any]:
        """What was filled in, without what is left to its default."""
        if self.view == JSON:
            return self._object(self.json_text)
        reader = self._reader()
        found = {
            key: reader.read(shape, below(self.name, key), (key,))
            for key, shape in self.shapes.items()
        }
        self.mistakes |= reader.mistakes
        given = {key: one for key, one in found.items() if one is not ABSENT}
        return {**self._object(self.other_text), **given}

    def check(self, *, enforce: bool = True) -> bool:
        """Whether the values can be used; the mistakes are remembered."""
        values = {**self.defaults, **self.values}
        if enforce and self.schema and not self.mistakes:
            try:
                self.mistakes |= dict(schemas.faults(values, self.schema))
            except Invalid as error:
                self.mistakes[()] = str(error)
        return not self.mistakes

    def edit(self, command: str) -> None:
        """Add, remove or move a row."""
        self.texts = edited(self.texts, command)

    def turn(self, view: str) -> None:
        """Show the same values as a form or as JSON, if they can be read."""
        if view == self.view or (view == FORM and not self.shapes):
            return
        values = self.values
        if self.mistakes:
            return
        if view == JSON:
            self.json_text = pretty({**self.defaults, **values})
        else:
            self.texts = self._write(values)
            self.other_text = self._others(values)
        self.view = view
        self.__dict__.pop("values", None)

    def obey(self, sent: Any) -> bool:
        """Change rows or the view if a button for that was pressed; whether one was."""
        if "edit" in sent:
            self.edit(sent["edit"])
        if "turn" in sent:
            self.turn(sent["turn"].partition(":")[2])
        return "edit" in sent or "turn" in sent

    @property
    def has_form(self) -> bool:
        """Whether there is anything but JSON to show."""
        return bool(self.shapes)

    @cached_property
    def controls(self) -> list[Control]:
        """The form, with its mistakes."""
        drawer = Drawer(self._reader())
        drawn = [
            drawer.draw(shape, below(self.name, key), (key,))
            for key, shape in self.shapes.items()
        ]
        self.loose = spread(drawn if self.view == FORM else [], self.mistakes)
        return drawn

    @property
    def wrong(self) -> list[Control]:
        """The controls with mistakes, in order."""
        every = (one for control in self.controls for one in control.everything())
        return [one for one in every if one.errors]

    @property
    def homeless(self) -> list[str]:
        """The mistakes that belong to no control."""
        return self.loose if self.controls else list(self.mistakes.values())

    def _reader(self) -> Reader:
        return Reader(self.texts, self.shown, self.zone)

    def _write(self, values: Mapping[str, Any]) -> Texts:
        writer = Writer(self.zone)
        for key, shape in self.shapes.items():
            writer.write(shape, below(self.name, key), values.get(key, ABSENT))
        return writer.texts

    def _take(self, sent: QueryDict) -> None:
        if self.shapes and sent.get(f"{self.name}:view") != JSON:
            start = (f"{self.name}/",)
            self.texts = {k: sent.getlist(k) for k in sent if k.startswith(start)}
            self.other_text = sent.get(f"{self.name}:other", "")
            return
        self.view = JSON
        self.json_text = sent.get(self.name) or "{}"

    def _others(self, values: Mapping[str, Any]) -> str:
        """The values that the schema does not name, for they are not dropped."""
        others = {k: one for k, one in values.items() if k not in self.shapes}
        return pretty(others) if others and self.shapes else ""

    def _object(self, text: str) -> dict[str, Any]:
        try:
            found = parsed(text.strip() or "{}")
        except Mistaken as mistake:
            self.mistakes[()] = str(mistake)
            return {}
        if not isinstance(found, dict):
            self.mistakes[()] = f"A JSON object is wanted, found {text.strip():.60}."
            return {}
        return found
