"""The style page: in development, every fragment in its states; otherwise nothing at all."""

from __future__ import annotations

import pytest
from jinja2 import nodes

from tests.servers import ROOT

TEMPLATES = ROOT / "app" / "templates"
FOR_FEW = ("moderation", "notices", "organising", "screens", "workshops")
"""These are seen on pages of their own, which the browser tests open."""
FRAGMENTS = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("_*.html")
    if path.parent.name not in FOR_FEW
)
FACES = {
    "an open stop": 'aria-pressed="false"',
    "a filled stop": 'aria-pressed="true"',
    "my own idea": 'aria-disabled="true"',
    "a verified affiliation": 'class="badge"',
    "the sample label": 'class="sample"',
    "a Chinese idea": 'lang="zh-Hans"',
    "a withdrawn idea": 'class="card tombstone"',
    "a withdrawn comment": 'class="comment tombstone"',
    "support": "stance-support",
    "concern": "stance-concern",
    "a field in error": 'class="field-error"',
    "the summary of errors": 'class="errors-summary"',
    "new ideas": 'class="new-ideas"',
    "an empty list": 'class="empty"',
    "a note": "message-note",
    "a problem": "message-problem",
    "the outbox": 'class="outbox-text"',
    "a draft that is back": 'class="draft-note"',
    "a meter": "<meter",
    **{
        f"the badge {state}": f'data-state="{state}"'
        for state in ("live", "reconnecting", "polling", "offline")
    },
    **{f"a station {state}": f"station-{state}" for state in ("past", "now", "next")},
    **{f"an idea {status}": f"status-{status}" for status in ("in_discussion", "shortlisted", "taken_up")},
}


def test_outside_development_there_is_no_style_page(client):
    assert client.get("/style").status_code == 404


@pytest.mark.settings(development=True)
def test_the_style_page_shows_every_state(client):
    response = client.get("/style")
    assert response.status_code == 200
    shown = response.get_data(as_text=True)
    assert {name for name, mark in FACES.items() if mark not in shown} == set()


def included(environment, name, seen=None):
    """The templates a page is made of, however deep."""
    seen = set() if seen is None else seen
    if name in seen:
        return seen
    seen.add(name)
    tree = environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))
    for node in tree.find_all((nodes.Include, nodes.Extends, nodes.FromImport)):
        if isinstance(node.template, nodes.Const):
            included(environment, node.template.value, seen)
    return seen


@pytest.mark.settings(development=True)
def test_the_style_page_is_made_of_the_fragments_themselves(app):
    """So that it cannot show what the board no longer looks like."""
    used = included(app.jinja_env, "style/style.html")
    inside_others = {"ideas/_card_body.html", "_words.html"}  # by the functions that keep what they rendered
    assert set(FRAGMENTS) - used - inside_others == set()
