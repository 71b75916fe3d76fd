"""Organisers look after the vocabulary: themes for ideas, reasons for moderators."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.cities.models import Theme
from app.core.extensions import db
from app.moderation.models import Reason
from app.moderation.queries.reasons import reasons
from tests.boards import post
from tests.pages import page_of

NAMES = {
    "en": "Night traffic",
    "de": "Nachtverkehr",
    "fr": "Trafic de nuit",
    "nl": "Nachtverkeer",
    "zh": "夜间交通",
}


@pytest.fixture
def olga(signed_in, make_user):
    """A browser in which an organiser is signed in."""
    return signed_in(make_user("Olga", organiser=True))


def themes() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Theme.key).order_by(Theme.position)))


def theme_id(key: str) -> int:
    found = db.session.scalar(select(Theme.id).where(Theme.key == key))
    assert found
    return found


def test_a_theme_is_added_and_can_be_chosen_in_every_language(olga, signed_in, make_user):
    assert olga.post_form("/organise/themes", NAMES).status_code == 303
    assert themes()[-1] == "night-traffic"
    olga.post_form("/organise/themes", NAMES)
    assert themes()[-1] == "night-traffic-2"
    mara = make_user("Mara", language="zh")
    assert "夜间交通" in page_of(signed_in(mara).get("/rotterdam/ideas/new")).words


def test_every_language_needs_a_name_and_nothing_typed_is_lost(olga):
    refused = olga.post_form("/organise/themes", {**NAMES, "fr": "", "nl": "x" * 81})
    assert refused.status_code == 422
    page = page_of(refused)
    assert "Write the name in this language." in page.words and "Shorten this to 80 characters." in page.words
    assert page.one("input", name="zh")["value"] == "夜间交通"
    assert "night-traffic" not in themes()


def test_a_renamed_theme_is_renamed_on_cards_that_were_shown_already(olga, client, city, make_user):
    post(city, make_user("Mara"), themes=(theme_id("safety"),))
    assert "Safety" in page_of(client.get("/rotterdam")).words
    olga.post_form(f"/organise/themes/{theme_id('safety')}", NAMES)
    words = page_of(client.get("/rotterdam")).words
    assert "Night traffic" in words and "Safety" not in words
    assert "safety" in themes(), "its key stays"


def test_themes_change_places(olga):
    before = themes()
    olga.post_form(f"/organise/themes/{theme_id(before[0])}/acts", {"act": "down"})
    olga.post_form(f"/organise/themes/{theme_id(before[-1])}/acts", {"act": "down"})
    olga.post_form(f"/organise/themes/{theme_id(before[-1])}/acts", {"act": "up"})
    assert themes() == [before[1], before[0], *before[2:-2], before[-1], before[-2]]
    assert olga.post_form(f"/organise/themes/{theme_id(before[0])}/acts", {"act": "x"}).status_code == 422
    assert olga.post_form("/organise/themes/999/acts", {"act": "up"}).status_code == 404


def test_a_retired_theme_is_kept_where_it_is_and_offered_to_nobody_else(
    olga, client, signed_in, make_user, city
):
    mara = make_user("Mara")
    retired = theme_id("freight")
    idea = post(city, mara, themes=(retired,))
    olga.post_form(f"/organise/themes/{retired}/acts", {"act": "retire"})
    maras = signed_in(mara)

    def offered(url: str) -> bool:
        return any(
            box["value"] == str(retired) for box in page_of(maras.get(url)).all("input", name="themes")
        )

    assert not offered("/rotterdam/ideas/new")
    assert offered(f"/ideas/{idea.id}/edit"), "its author may keep it"
    refused = maras.post_form(
        "/rotterdam/ideas", {"kind": "challenge", "title": "Trucks everywhere", "themes": [str(retired)]}
    )
    assert refused.status_code == 422
    assert page_of(client.get("/rotterdam")).all("option", value="freight"), "in use here: can be filtered by"
    assert not page_of(client.get("/berlin")).all("option", value="freight")
    assert "Freight" in page_of(client.get("/rotterdam")).words
    olga.post_form(f"/organise/themes/{retired}/acts", {"act": "bring_back"})
    assert offered("/rotterdam/ideas/new")


# reasons ---------------------------------------------------------------------------------------------


def test_reasons_are_added_renamed_moved_and_retired(olga, app):
    assert olga.post_form("/organise/reasons", NAMES).status_code == 303
    newest = db.session.scalar(select(Reason.id).order_by(Reason.position.desc()))
    with app.test_request_context():
        assert reasons()[-1].name == "Night traffic"
    olga.post_form(f"/organise/reasons/{newest}", {**NAMES, "en": "Off topic at night"})
    olga.post_form(f"/organise/reasons/{newest}/acts", {"act": "up"})
    with app.test_request_context():
        assert [one.name for one in reasons()][-2] == "Off topic at night"
    olga.post_form(f"/organise/reasons/{newest}/acts", {"act": "retire"})
    with app.test_request_context():
        assert "Off topic at night" not in [one.name for one in reasons()]
    words = page_of(olga.get("/organise/reasons")).words
    assert "Off topic at night retired" in words
    assert olga.post_form("/organise/reasons", {**NAMES, "en": ""}).status_code == 422


def test_one_reason_remains(olga):
    for reason_id in db.session.scalars(select(Reason.id)).all():
        olga.post_form(f"/organise/reasons/{reason_id}/acts", {"act": "retire"})
    assert "One reason must remain." in page_of(olga.get("/organise/reasons")).words
    db.session.rollback()
    assert len(db.session.scalars(select(Reason).where(Reason.is_retired.is_(False))).all()) == 1
