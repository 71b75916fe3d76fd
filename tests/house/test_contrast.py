"""Every pair of colours that meet on a page, in every city's colour, light and dark: text 4.5:1, controls 3:1."""

from __future__ import annotations

import ast
import math
import operator
import re
from itertools import combinations

import pytest

from app.core.assets import STATIC

THEMES = ("light", "dark")
CITIES = ("los-angeles", "melbourne", "shenzhen", "rotterdam", "berlin")
LINES = (*CITIES, "elsewhere", "series")
TEXT, CONTROL = 4.5, 3.0

GROUNDS = ("paper", "surface")
COLOURED_GROUNDS = ("sunken", "note-ground", "bad-ground", "line-ground")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-soft") for ground in (*GROUNDS, "sunken", "note-ground")),
    *(("ink", ground, TEXT) for ground in COLOURED_GROUNDS),
    *((ink, ground, TEXT) for ink in ("line-ink", "good", "warn", "bad") for ground in GROUNDS),
    ("line-ink", "line-ground", TEXT),
    ("on-line", "line-ink", TEXT),
    ("on-line", "bad", TEXT),
    ("bad", "bad-ground", TEXT),
    ("paper", "ink", TEXT),
    *((drawn, ground, CONTROL) for drawn in ("line", "rule-strong", "focus") for ground in GROUNDS),
    ("line", "sunken", CONTROL),
    ("focus", "note-ground", CONTROL),
    ("focus", "bad-ground", CONTROL),
    ("focus", "line-ground", CONTROL),
]

Colour = tuple[float, float, float]
Blocks = list[tuple[str, str, dict[str, str]]]


def blocks() -> Blocks:
    """The rules of tokens.css in their order: media query or '', selector, custom properties."""
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found: Blocks = []
    around: list[str] = []
    for before, end in re.findall(r"([^{};]*(?:;[^{};]*)*)([{}])", text):
        head = before.rsplit(";", 1)[-1].strip()
        if end == "{":
            around.append(head)
            continue
        declared = dict(re.findall(r"--([\w-]+):\s*([^;]+)", before))
        if declared:
            media = next((rule for rule in around if rule.startswith("@media")), "")
            found.append((media, around[-1], declared))
        around.pop()
    return found


def tokens(theme: str, line: str) -> dict[str, str]:
    """What an element with data-line=`line` in a page of `theme` has, not yet calculated."""
    has: dict[str, str] = {}
    for media, selectors, declared in blocks():
        chosen = {part.strip() for part in selectors.split(",")}
        here = {":root", f'[data-theme="{theme}"]', "[data-theme]", "[data-line]", f'[data-line="{line}"]'}
        if not media and chosen & here:
            has.update(declared)
    return has


_SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def calculated(expression: str) -> float:
    """The value of a `calc()` of plain numbers."""

    def value(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp):
            return _SIGNS[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Constant) and isinstance(node.value, int | float), expression
        return float(node.value)

    return value(ast.parse(expression.replace("calc", "").strip(), mode="eval").body)


def resolved(value: str, has: dict[str, str]) -> str:
    """`value` with every var() replaced."""
    while "var(" in value:
        value = re.sub(r"var\(--([\w-]+)\)", lambda found: has[found[1]], value)
    return value.strip()


def oklch(name: str, has: dict[str, str]) -> Colour:
    """Lightness 0-1, chroma, hue in degrees of a token."""
    found = re.fullmatch(r"oklch\((.*)\)", resolved(has[name], has))
    assert found, f"--{name}: {has[name]}"
    parts = re.findall(r"calc\([^()]*\)|[\d.]+", found[1])
    lightness, chroma, hue = (calculated(part) for part in parts[:3])
    return lightness, chroma, hue


def oklab(colour: Colour) -> Colour:
    lightness, chroma, hue = colour
    return lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def linear(colour: Colour) -> Colour:
    """Linear sRGB of an oklch colour, cut to what a screen shows (https://bottosson.github.io/posts/oklab/)."""
    lightness, a, b = oklab(colour)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return min(max(red, 0.0), 1.0), min(max(green, 0.0), 1.0), min(max(blue, 0.0), 1.0)


def luminance(colour: Colour) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_ratio_is_that_of_the_guidelines():
    assert contrast((1, 0, 0), (0, 0, 0)) == pytest.approx(21)
    assert contrast((0.627955, 0.257683, 29.2339), (1, 0, 0)) == pytest.approx(3.998, abs=0.01)  # pure red


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("theme", THEMES)
def test_whatever_meets_can_be_told_apart(theme, line):
    has = tokens(theme, line)
    poor = {
        f"{front} on {ground}": round(ratio, 2)
        for front, ground, least in PAIRS
        if (ratio := contrast(oklch(front, has), oklch(ground, has))) < least
    }
    assert not poor


@pytest.mark.parametrize("theme", THEMES)
def test_every_city_has_a_lively_colour_of_its_own(theme):
    colours = {city: oklch("line", tokens(theme, city)) for city in CITIES}
    assert min(chroma for _lightness, chroma, _hue in colours.values()) >= 0.1
    for (one, first), (other, second) in combinations(colours.items(), 2):
        assert math.dist(oklab(first), oklab(second)) >= 0.1, f"{one} and {other}"


def test_the_dark_of_the_system_is_the_dark_of_the_page():
    """The values stand twice in the file."""
    (by_system,) = [declared for media, _selector, declared in blocks() if "dark" in media]
    (by_page,) = [
        declared for media, selector, declared in blocks() if not media and selector == '[data-theme="dark"]'
    ]
    assert by_system == by_page
