"""Moderators merge two ideas on a page: suggestions, both side by side, and back again. Also themes and kind."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.moderation.models import Act
from tests.boards import post, put_in_state, say
from tests.pages import page_of


@pytest.fixture
def ana(city, make_moderator, clock):
    """A moderator of Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def anas(ana, signed_in):
    """Her browser."""
    return signed_in(ana)


@pytest.fixture
def two(city, make_user):
    """Mara's idea, and Tom's which says the same."""
    mara, tom = make_user("Mara"), make_user("Tom", group="student")
    return post(city, mara, "Bike lane on Coolsingel"), post(city, tom, "A bike lane along Coolsingel please")


def latest_act() -> Act:
    db.session.rollback()
    return db.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()


def test_the_ideas_most_alike_are_suggested_first(anas, city, make_user, two):
    lisa = make_user("Lisa")
    far = post(city, lisa, "More bike racks at the station")
    post(city, lisa, "Ferries run at night")
    page = page_of(anas.get(f"/ideas/{two[0].id}/merge"))
    chosen = [link["href"] for link in page.all("a") if "into=" in (link["href"] or "")]
    assert chosen[0] == f"/ideas/{two[0].id}/merge?into={two[1].id}"
    assert not any(f"into={two[0].id}" in (href or "") for href in chosen)
    assert "Ferries" not in page.words
    found = page_of(anas.get(f"/ideas/{two[0].id}/merge?q=%23{far.id}"))
    assert found.all("a", href=f"/ideas/{two[0].id}/merge?into={far.id}")


def test_what_is_not_public_is_never_suggested(anas, city, make_user, two):
    put_in_state(two[1], "held")
    for q in ("", "bike+lane", f"%23{two[1].id}"):
        assert "along Coolsingel" not in page_of(anas.get(f"/ideas/{two[0].id}/merge?q={q}")).words
    assert anas.get(f"/ideas/{two[0].id}/merge?into={two[1].id}").status_code == 404
    assert anas.post_form(f"/ideas/{two[0].id}/merge", {"into": two[1].id}).status_code == 404


def test_both_stand_side_by_side_with_what_will_come_of_it(anas, make_user, two, clock):
    one, other = two
    for name in ("Lisa", "Karim"):
        upvote(one, by=make_user(name), at=clock.now())
    noor = make_user("Noor")
    upvote(one, by=noor, at=clock.now())
    upvote(other, by=noor, at=clock.now())
    upvote(one, by=other.author, at=clock.now())  # who writes the idea that stays does not upvote it
    say(one, noor)
    page = page_of(anas.get(f"/ideas/{one.id}/merge?into={other.id}"))
    assert "Mara" in page.words and "Tom" in page.words
    assert "will have 3 upvotes, everybody counted once, and 1 comment" in page.words
    assert page.all("a", href=f"/ideas/{other.id}/merge?into={one.id}")  # the other way round


def test_merging_leads_to_the_idea_that_stays_and_can_be_undone(anas, make_user, two, clock):
    one, other = two
    for name in ("Lisa", "Karim"):
        upvote(one, by=make_user(name), at=clock.now())
    said = anas.post_form(f"/ideas/{one.id}/merge", {"into": other.id})
    assert said.status_code == 303
    page = page_of(anas.get(said.headers["Location"]))
    act = latest_act()
    assert "Merged into “A bike lane along Coolsingel please”." in page.words
    assert page.all("button", formaction=f"/acts/{act.id}/undo")
    assert db.session.get_one(Idea, one.id).state == "merged"
    assert db.session.get_one(Idea, other.id).upvote_count == 2
    assert anas.post_form(f"/acts/{act.id}/undo").status_code == 303
    db.session.rollback()
    assert db.session.get_one(Idea, one.id).state == "published"
    assert db.session.get_one(Idea, other.id).upvote_count == 0


def test_a_merged_idea_is_taken_apart_for_ever(anas, two, clock):
    one, other = two
    anas.post_form(f"/ideas/{one.id}/merge", {"into": other.id})
    clock.advance(30 * 86_400)
    page = page_of(anas.get(f"/ideas/{other.id}/merge"))
    assert "Part of this idea now" in page.words and "Take apart" in page.words
    assert anas.post_form(f"/ideas/{one.id}/merge", {"do": "unmerge"}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Idea, one.id).state == "published"


def test_the_second_moderator_hears_that_it_is_merged_already(anas, two):
    one, other = two
    anas.post_form(f"/ideas/{one.id}/merge", {"into": other.id})
    again = anas.post_form(f"/ideas/{one.id}/merge", {"into": other.id})
    assert again.status_code == 409 and "Already merged by Ana" in page_of(again).words
    assert "is part of another idea" in page_of(anas.get(f"/ideas/{one.id}/merge")).words


def test_a_script_hears_what_was_done(anas, two):
    answer = anas.post_form(
        f"/ideas/{two[0].id}/merge", {"into": two[1].id}, headers={"Accept": "application/json"}
    ).get_json()
    assert answer["act"] == latest_act().id and answer["undo_until"]


def test_ideas_of_two_boards_are_not_merged(anas, cities, make_user, two):
    elsewhere = post(cities["berlin"], make_user("Otto"), "Bike lane on Coolsingel")
    assert anas.get(f"/ideas/{two[0].id}/merge?into={elsewhere.id}").status_code == 404
    assert anas.get(f"/ideas/{two[0].id}/merge?into={two[0].id}").status_code == 404


def test_only_who_moderates_the_board_merges(client, signed_in, two):
    assert client.get(f"/ideas/{two[0].id}/merge").status_code == 303
    assert signed_in(two[0].author).get(f"/ideas/{two[0].id}/merge").status_code == 404
    posted = signed_in(two[0].author).post_form(f"/ideas/{two[0].id}/merge", {"into": two[1].id})
    assert posted.status_code == 404


def test_themes_kind_and_language_are_corrected(anas, two):
    address = f"/ideas/{two[0].id}/tags"
    page = page_of(anas.get(address))
    assert "checked" in page.one("input", name="themes", value="1")
    said = anas.post_form(address, {"kind": "challenge", "themes": ["3", "1"], "language": "nl"})
    assert said.status_code == 303
    db.session.rollback()
    idea = db.session.get_one(Idea, two[0].id)
    assert (idea.kind, idea.language) == ("challenge", "nl")
    assert [theme.theme_id for theme in idea.themes] == [1, 3]  # the first stays the first


def test_a_refused_correction_keeps_what_was_ticked(anas, two):
    address = f"/ideas/{two[0].id}/tags"
    none = anas.post_form(address, {"kind": "challenge", "language": "en"})
    assert none.status_code == 422 and "Choose one to three themes." in page_of(none).words
    assert "checked" in page_of(none).one("input", name="kind", value="challenge")
    same = anas.post_form(address, {"kind": "opportunity", "themes": ["1"], "language": "en"})
    assert same.status_code == 422 and "Nothing is different" in page_of(same).words
    assert anas.post_form(address, {"kind": "x", "themes": ["99"], "language": "zz"}).status_code == 422
