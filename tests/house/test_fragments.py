"""Fragments declare what they are given, on their first line; pages hold nothing the content policy forbids."""

from __future__ import annotations

import re

import pytest
from jinja2 import StrictUndefined, UndefinedError, nodes
from jinja2.meta import find_referenced_templates

from tests.servers import ROOT

TEMPLATES = ROOT / "app" / "templates"
FRAGMENTS = sorted(TEMPLATES.rglob("_*.html"))
ALL = sorted(TEMPLATES.rglob("*.html"))
CONTRACT = re.compile(r"\{#-? (?P<name>_\w+\.html) · (?P<given>.+?) -?#\}")
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*="),
    "an inline handler": re.compile(r"<[^>{]*\son[a-z]+\s*="),
    "an inline script": re.compile(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>"),
    "a javascript address": re.compile(r"javascript:"),
    "unescaped output": re.compile(r"\|\s*safe\b"),
    "autoescape switched off": re.compile(r"autoescape\s+false"),
}


def name_of(path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("path", FRAGMENTS, ids=name_of)
def test_a_fragment_has_its_contract_on_its_first_line(path):
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    found = CONTRACT.fullmatch(first)
    assert found, f"{name_of(path)} begins with {first!r}"
    assert found["name"] == path.name


def test_there_are_fragments():
    assert len(FRAGMENTS) >= 15


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_no_template_holds_what_the_content_policy_forbids(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for what, pattern in FORBIDDEN.items():
        assert not pattern.search(text), f"{name_of(path)} holds {what}"


def test_every_template_is_used(app):
    """By another template, or by the code."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "app").rglob("*.py")
        if "templates" not in path.parts
    )
    used: set[str] = set()
    for path in ALL:
        source = path.read_text(encoding="utf-8")
        used |= {one for one in find_referenced_templates(app.jinja_env.parse(source)) if one}
    for path in ALL:
        in_code = path.name in code or f'"{path.stem}"' in code
        assert name_of(path) in used or in_code, f"nothing uses {name_of(path)}"


def test_what_a_fragment_was_not_given_is_an_error(app):
    assert app.jinja_env.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nobody_gave_me_this }}").render()


def test_every_page_extends_the_frame(app):
    for path in ALL:
        if path.name.startswith("_") or path.parent == TEMPLATES:
            continue
        tree = app.jinja_env.parse(path.read_text(encoding="utf-8"))
        assert list(tree.find_all(nodes.Extends)), f"{name_of(path)} stands alone"
