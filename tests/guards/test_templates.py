"""Pages keep to the strict content security policy and ask no other host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.sources import files, text

LIMIT = 120
FORBIDDEN = {
    "inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.I
    ),
    "inline style sheet": re.compile(r"<style\b", re.I),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\bhx-on\b", re.I),
    "script address": re.compile(r"javascript:", re.I),
    "foreign asset": re.compile(
        r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)\s*=\s*[\"']?(?:https?:)?//",
        re.I,
    ),
    "unescaped value": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_templates_contain_no(rule: str):
    found = [
        f"{path}: {match.group(0)}"
        for path in files(".html")
        if path.parts[0] == "templates"
        for match in FORBIDDEN[rule].finditer(text(path))
    ]

    assert found == []


def test_templates_stay_short():
    lines = {str(path): text(path).count("\n") for path in files(".html")}

    assert {path: n for path, n in lines.items() if n > LIMIT} == {}


def test_style_sheets_and_scripts_ask_no_other_host():
    found = [
        f"{path}: {match.group(0)}"
        for path in (*files(".css"), *files(".js"))
        if path.parts[0] == "static" and Path("static/vendor") not in path.parents
        for match in re.finditer(r"(?:https?:)?//[a-z0-9-]+\.[a-z.]+", text(path), re.I)
        if "www.w3.org" not in match.group(0)  # a name space, never fetched
    ]

    assert found == []
