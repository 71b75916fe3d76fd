"""An author objects to what a moderator decided."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.extensions import db
from app.moderation.actions.deciding import hide
from app.moderation.actions.undoing import undo
from app.moderation.models import Objection
from tests.boards import post, say
from tests.pages import page_of

WHY = "It is a quotation of the mayor, and no insult."


@pytest.fixture
def ana(city, make_moderator, clock):
    """A moderator of Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def mara(make_user):
    """Whose idea is hidden."""
    return make_user("Mara")


@pytest.fixture
def act(city, ana, mara, clock):
    """Ana hides it."""
    idea = post(city, mara)
    return hide(idea, because=1, sentence="This insults the council.", by=ana, at=clock.now())


def test_the_author_sees_what_was_decided_and_objects(signed_in, mara, act):
    maras = signed_in(mara)
    page = page_of(maras.get(f"/acts/{act.id}/objection"))
    for words in ("Bike lane on Coolsingel", "hidden", "Insults or hate", "This insults the council."):
        assert words in page.words
    assert "A moderator or an organiser looks at it again." in page.words and "Ana" not in page.words
    said = maras.post_form(f"/acts/{act.id}/objection", {"text": WHY})
    assert said.status_code == 303
    assert "Your objection is with the moderators." in page_of(maras.get(said.headers["Location"])).words
    db.session.rollback()
    assert db.session.scalars(select(Objection.text)).all() == [WHY]


def test_another_moderator_looks_where_there_is_one(signed_in, mara, act, city, make_moderator):
    make_moderator(city, "Ben")
    words = page_of(signed_in(mara).get(f"/acts/{act.id}/objection")).words
    assert "Another moderator than the one who decided looks at it." in words


def test_one_objects_once(signed_in, mara, act):
    maras = signed_in(mara)
    maras.post_form(f"/acts/{act.id}/objection", {"text": WHY})
    page = page_of(maras.get(f"/acts/{act.id}/objection"))
    assert "You have objected." in page.words and not page.all("textarea")
    again = maras.post_form(f"/acts/{act.id}/objection", {"text": WHY})
    assert again.status_code == 409 and "You have objected to this already." in page_of(again).words


@pytest.mark.parametrize("text", ["", "No.", "x" * 2001])
def test_too_little_or_too_much_is_said_and_kept(signed_in, mara, act, text):
    said = signed_in(mara).post_form(f"/acts/{act.id}/objection", {"text": text})
    assert said.status_code == 422 and "Write 10 to 2000 characters." in page_of(said).words
    assert text in said.get_data(as_text=True)


def test_nobody_else_objects(signed_in, client, ana, act, make_user):
    assert client.get(f"/acts/{act.id}/objection").status_code == 303
    for somebody in (ana, make_user("Tom")):
        assert signed_in(somebody).get(f"/acts/{act.id}/objection").status_code == 404
        assert signed_in(somebody).post_form(f"/acts/{act.id}/objection", {"text": WHY}).status_code == 404


def test_there_is_nothing_to_object_to_once_it_is_undone(signed_in, mara, ana, act, clock):
    undo(act, by=ana, at=clock.now())
    assert signed_in(mara).get(f"/acts/{act.id}/objection").status_code == 404


def test_the_author_of_a_comment_objects_too(signed_in, mara, ana, city, make_user, clock):
    comment = say(post(city, make_user("Tom")), mara, "A comment of hers.")
    act = hide(comment, because=2, sentence="", by=ana, at=clock.now())
    assert "A comment of hers." in page_of(signed_in(mara).get(f"/acts/{act.id}/objection")).words


@pytest.mark.settings(rate_limits=True)
def test_ten_objections_an_hour_are_enough(signed_in, mara, ana, city, clock):
    acts = [
        hide(post(city, mara, f"Idea for the city {n}"), because=1, sentence="", by=ana, at=clock.now())
        for n in range(11)
    ]
    maras = signed_in(mara)
    codes = [maras.post_form(f"/acts/{one.id}/objection", {"text": WHY}).status_code for one in acts]
    assert codes == [303] * 10 + [429]
