"""Participants report an idea or a comment, once, with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.extensions import db
from app.moderation.models import Report
from tests.boards import post, put_in_state, say
from tests.pages import message_of, page_of


@pytest.fixture
def mara(make_user):
    """Who posts."""
    return make_user("Mara")


@pytest.fixture
def toms(make_user, signed_in):
    """The browser of somebody who reads."""
    return signed_in(make_user("Tom"))


@pytest.fixture
def idea(city, mara):
    """Hers."""
    return post(city, mara)


def reports() -> list[Report]:
    db.session.rollback()
    return list(db.session.scalars(select(Report).order_by(Report.id)))


def test_a_reader_reports_an_idea_and_a_comment(toms, idea, mara):
    comment = say(idea, mara, "Cyclists are idiots.")
    page = page_of(toms.get(f"/comments/{comment.id}/report"))
    assert "Cyclists are idiots." in page.words and "The author does not learn who reported." in page.words
    assert len(page.all("input", type="radio", name="reason")) == 6
    for address in (f"/comments/{comment.id}/report", f"/ideas/{idea.id}/report"):
        said = toms.post_form(address, {"reason": "1", "sentence": "Look at this."})
        assert said.status_code == 303
        assert "you will be told what came of it" in page_of(toms.get(said.headers["Location"])).words
    assert [(one.comment_id, one.sentence) for one in reports()] == [
        (comment.id, "Look at this."),
        (None, "Look at this."),
    ]


def test_a_second_report_is_none(toms, idea):
    toms.post_form(f"/ideas/{idea.id}/report", {"reason": "1"})
    assert "You have reported this already." in page_of(toms.get(f"/ideas/{idea.id}/report")).words
    again = toms.post_form(f"/ideas/{idea.id}/report", {"reason": "2"})
    assert again.status_code == 409 and "You have reported this already." in page_of(again).words
    scripted = toms.post_form(
        f"/ideas/{idea.id}/report", {"reason": "2"}, headers={"Accept": "application/json"}
    )
    assert scripted.status_code == 409 and message_of(scripted) == "You have reported this already."
    assert len(reports()) == 1


@pytest.mark.parametrize(
    "typed", [{}, {"reason": "99"}, {"reason": "one"}, {"reason": "1", "sentence": "x" * 501}]
)
def test_a_report_that_cannot_be_taken_keeps_what_was_typed(toms, idea, typed):
    said = toms.post_form(f"/ideas/{idea.id}/report", {"sentence": "My sentence", **typed})
    assert said.status_code == 422
    assert ("500 characters" if "sentence" in typed else "Choose a reason.") in page_of(said).words
    assert typed.get("sentence", "My sentence") in said.get_data(as_text=True)
    assert not reports()


def test_nobody_reports_their_own_or_what_is_not_public(toms, signed_in, mara, idea):
    own = signed_in(mara).get(f"/ideas/{idea.id}/report")
    assert own.status_code == 403 and "This is your own." in page_of(own).words
    comment = say(idea, mara)
    put_in_state(idea, "hidden")
    for address in (f"/ideas/{idea.id}/report", f"/comments/{comment.id}/report", "/ideas/999/report"):
        assert toms.get(address).status_code == 404
        assert toms.post_form(address, {"reason": "1"}).status_code == 404


@pytest.mark.settings(confirm_email=True)
def test_only_who_may_take_part_reports(client, signed_in, make_user, idea, clock):
    assert client.get(f"/ideas/{idea.id}/report").headers["Location"].startswith("/sign-in")
    late = make_user("Lena", confirmed=False)
    browser = signed_in(late)
    clock.freeze(clock.now())
    clock.advance(25 * 3600)
    assert browser.get(f"/ideas/{idea.id}/report").status_code == 403


@pytest.mark.settings(rate_limits=True)
def test_twenty_reports_in_ten_minutes_are_enough(toms, city, mara):
    ideas = [post(city, mara, f"Idea for the city number {number}") for number in range(21)]
    codes = [toms.post_form(f"/ideas/{idea.id}/report", {"reason": "1"}).status_code for idea in ideas]
    assert codes == [303] * 20 + [429]
