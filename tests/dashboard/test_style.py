"""The style sheets keep the promises of contrast; vendored files are what they say."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from dashboard.looks import BY_NAME, BY_TYPE

STATIC = Path(__file__).resolve().parents[2] / "static"
TOKENS = (STATIC / "css/tokens.css").read_text(encoding="utf-8")
KINDS = sorted({look.kind for look in (*BY_TYPE.values(), *BY_NAME.values())})


def block(head: str) -> dict[str, str]:
    """The colours of one block of tokens."""
    body = TOKENS.split(head, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", body))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


THEMES = {"light": block(":root {"), "dark": block('[data-theme="dark"] {')}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_state_can_be_read_and_seen(theme: str, kind: str):
    colours = THEMES[theme]

    assert contrast(colours[kind], colours[f"{kind}-tint"]) >= 4.5
    for ground in ("surface", "raised"):
        assert contrast(colours[f"{kind}-mark"], colours[ground]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("text", "surface", 4.5),
        ("muted", "raised", 4.5),
        ("link", "surface", 4.5),
        ("on-accent", "accent", 4.5),
        ("control", "surface", 3),
        ("focus", "surface", 3),
    ],
)
def test_text_and_edges_can_be_read(theme: str, text: str, ground: str, least: float):
    colours = THEMES[theme]

    assert contrast(colours[text], colours[ground]) >= least


def test_dark_by_preference_is_the_dark_theme():
    assert block('[data-theme="system"] {') == THEMES["dark"]


@pytest.mark.parametrize("notes", sorted(STATIC.glob("vendor/*/VENDOR.md")), ids=str)
def test_vendored_scripts_are_the_ones_that_were_written_down(notes: Path):
    said = notes.read_text(encoding="utf-8")
    scripts = list(notes.parent.rglob("*.js"))

    for script in scripts:
        digest = hashlib.sha256(script.read_bytes()).hexdigest()
        assert digest in said, f"{script} is not the file of VENDOR.md"
    assert (notes.parent / "LICENSE").is_file()


def test_redoc_asks_no_other_host_and_names_no_source_map():
    script = (STATIC / "vendor/redoc-2.5.4/redoc.standalone.js").read_text("utf-8")

    assert "cdn.redoc" not in script
    assert "sourceMappingURL=redoc" not in script


def test_every_icon_that_a_page_names_is_in_the_sprite():
    sprite = (STATIC / "img/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    templates = STATIC.parent / "templates"
    named = {look.icon for look in (*BY_TYPE.values(), *BY_NAME.values())}
    for page in templates.rglob("*.html"):
        named |= set(re.findall(r'{% icon "([^"]+)" %}', page.read_text("utf-8")))

    assert named <= drawn


def test_own_scripts_are_small_modules():
    long = {
        script.name: script.read_text("utf-8").count("\n")
        for script in (STATIC / "js").glob("*.js")
    }

    assert {name: n for name, n in long.items() if n > 100} == {}


def test_no_template_needs_eval():
    for page in (STATIC.parent / "templates").rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r"hx-on|js:|javascript:|hx-trigger=\"[^\"]*\[", text), page
