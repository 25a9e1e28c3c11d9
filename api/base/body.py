"""From the bytes of a request to plain values, within limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from core.conf import conf

Place = tuple[str | int, ...]


class Unreadable(Exception):
    """The body is no JSON we accept: where, and in which words, as a 422 tells it."""

    def __init__(self, place: Place, message: str, kind: str) -> None:
        super().__init__(message)
        self.place = place
        self.kind = kind


class WrongType(Exception):
    """The content type is not JSON."""


def values(raw: bytes, content_type: str | None) -> Any:
    """The JSON of a body within the limits; an empty body is null.

    Raises:
        WrongType: it claims to be a form or text.
        Unreadable: it is no JSON, or exceeds a limit.
    """
    found = batch(raw, content_type)
    if _is_suspicious(raw):
        _check(found)
    return found


def batch(raw: bytes, content_type: str | None) -> Any:
    """The JSON of a body; the room itself looks after lengths and NUL characters.

    Raises:
        WrongType: it claims to be a form or text.
        Unreadable: it is no JSON.
    """
    check_type(content_type)
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = f"JSON in UTF-8 is wanted: {error}"
        raise Unreadable(("body", error.pos), message, "json_invalid") from None


def check_type(content_type: str | None) -> None:
    """No content type counts as JSON; forms and text are refused."""
    if not content_type or content_type == "application/json":
        return
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        return
    raise WrongType(kind)


def _is_suspicious(raw: bytes) -> bool:
    """Whether a limit could be exceeded: small bodies skip the walk."""
    return (
        len(raw) > conf.text_limit
        or raw.count(b"[") + raw.count(b"{") > conf.depth_limit
        or b"\\u0000" in raw
        or raw.count(b",") >= conf.list_limit
    )


def _check(found: Any) -> None:
    todo: list[tuple[Any, Place]] = [(found, ("body",))]
    while todo:
        value, place = todo.pop()
        if isinstance(value, str):
            _check_text(value, place)
        elif isinstance(value, dict | list):
            if len(place) > conf.depth_limit:
                message = f"at most {conf.depth_limit} levels are accepted"
                raise Unreadable(place[:8], message, "too_deep")
            if isinstance(value, list) and len(value) > conf.list_limit:
                message = f"at most {conf.list_limit} items are accepted"
                raise Unreadable(place, f"{message}, found {len(value)}", "too_long")
            todo.extend(_parts(value, place))


def _parts(value: dict[str, Any] | list[Any], place: Place) -> Iterator[Any]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str | dict | list):
                yield item, (*place, index)
        return
    for key, item in value.items():
        if "\0" in key:
            _check_text(key, place)
        if isinstance(item, str | dict | list):
            yield item, (*place, key)


def _check_text(text: str, place: Place) -> None:
    if "\0" in text:
        raise Unreadable(place, "text without NUL characters is wanted", "nul")
    if len(text) > conf.text_limit:
        message = f"at most {conf.text_limit} characters are accepted"
        raise Unreadable(place, f"{message}, found {len(text)}", "string_too_long")
