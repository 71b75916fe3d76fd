"""The colours of screens, written for browsers that know no oklch, are those of tokens.css."""

from __future__ import annotations

import re

import pytest

from app.core.assets import STATIC
from tests.house.test_contrast import CITIES, THEMES, Colour, contrast, linear, oklch, tokens

SHEET = (STATIC / "css" / "screen.css").read_text(encoding="utf-8")
PLAIN = (STATIC / "css" / "plain.css").read_text(encoding="utf-8")
SHARED = ("paper", "surface", "ink", "ink-soft", "rule", "good", "warn", "bad")


def in_hex(colour: Colour) -> str:
    """The colour as screens without oklch are told it."""
    curved = (
        12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in linear(colour)
    )
    return "#" + "".join(f"{round(part * 255):02x}" for part in curved)


def declared(selector: str) -> dict[str, str]:
    """The custom properties of all rules with this selector."""
    rules = re.findall(rf"(?:^|\n)\s*{re.escape(selector)} {{([^}}]+)}}", SHEET)
    return dict(re.findall(r"--([\w-]+): ([^;]+);", " ".join(rules)))


def test_light_and_dark_are_those_of_the_board() -> None:
    found = {"light": declared(":root"), "dark": declared(':root[data-theme="dark"] body')}
    by_system = declared(':root:not([data-theme="light"]) body')
    assert by_system == found["dark"]
    for theme in THEMES:
        has = tokens(theme, "elsewhere")
        assert {name: found[theme][name] for name in SHARED} == {
            name: in_hex(oklch(name, has)) for name in SHARED
        }


@pytest.mark.parametrize("city", CITIES)
def test_a_city_has_the_line_of_its_board(city: str) -> None:
    light, dark = tokens("light", city), tokens("dark", city)
    line = in_hex(oklch("line", dark))
    assert declared(f':root[data-line="{city}"]') == {
        "line": in_hex(oklch("line", light)),
        "line-ink": in_hex(oklch("line-ink", light)),
        "dark-line": line,
        "dark-line-ink": in_hex(oklch("line-ink", dark)),
    }
    assert f'[data-line="{city}"] .mark {{ stroke: {line}; }}' in PLAIN
    for has in (light, dark):
        assert contrast(oklch("line", has), oklch("paper", has)) >= 3
