"""An alert's page: what was seen, the accounts, setting them aside and counting them again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.cities.models import City
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.moderation.actions.queueing import raise_alert
from app.moderation.models import Act, QueueItem
from tests.boards import post
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
def idea(city, make_user):
    """Mara's, upvoted by many."""
    return post(city, make_user("Mara"))


@pytest.fixture
def crowd(idea, make_user, clock):
    """Four accounts that are a few minutes old."""
    people = [make_user(f"New {number}", email=f"new{number}@example.org") for number in range(4)]
    clock.advance(180)
    for person in people:
        upvote(idea, by=person, at=clock.now())
    return people


@pytest.fixture
def alert(city, idea, crowd, clock):
    """The row of the queue."""
    seen = {
        "what": "burst",
        "count": 4,
        "minutes": 10,
        "user_ids": [person.id for person in crowd],
        "idea_ids": [idea.id],
    }
    with unit_of_work():
        raise_alert(city.id, f"burst:{idea.id}", seen, clock.now(), idea_id=idea.id)
    return db.session.scalars(select(QueueItem).where(QueueItem.subject == "alert")).one()


def counted(idea: Idea) -> int:
    db.session.rollback()
    return db.session.get_one(Idea, idea.id).upvote_count


def last_act() -> Act:
    db.session.rollback()
    return db.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()


def test_it_shows_what_was_seen_and_of_whom(anas, alert, crowd):
    response = anas.get(f"/rotterdam/alerts/{alert.id}")
    page = page_of(response)
    assert "4 upvotes of one idea within 10 minutes" in page.words and "Bike lane on Coolsingel" in page.words
    assert page.words.count("Resident registered 3 minutes ago 1 upvote here") == 4
    assert len([box for box in page.all("input", name="users") if "checked" in box]) == 4
    assert "@example.org" not in response.get_data(as_text=True)


def test_a_burst_that_goes_on_is_not_written_anew_with_each_upvote_and_its_page_lists_everybody(
    anas, city, idea, make_user, clock
):
    for number in range(37):
        upvote(idea, by=make_user(f"Account {number}", email=f"account{number}@example.org"), at=clock.now())
    db.session.rollback()
    alert = db.session.scalars(select(QueueItem).where(QueueItem.subject == "alert")).one()
    assert 37 / 2 < alert.seen["count"] < 37, "it has not doubled since"
    assert db.session.get_one(City, city.id).queue_seq < 8, "written less often than there were upvotes"
    page = page_of(anas.get(f"/rotterdam/alerts/{alert.id}"))
    assert "37 upvotes of one idea within 10 minutes" in page.words
    assert len(page.all("input", name="users")) == 37
    clock.advance(61)
    upvote(idea, by=make_user("Later", email="later@example.org"), at=clock.now())
    db.session.rollback()
    assert db.session.get_one(QueueItem, alert.id).seen["count"] == 38, "at the latest after a minute"


def test_some_of_them_are_set_aside_and_counted_again(anas, alert, crowd, idea):
    ticked = [str(person.id) for person in crowd[:3]]
    said = anas.post_form(
        f"/rotterdam/alerts/{alert.id}/acts",
        {"act": "set_aside", "users": ticked, "sentence": "One hand.", "seen": alert.decisions},
    )
    assert said.status_code == 303 and counted(idea) == 1
    page = page_of(anas.get(said.headers["Location"]))
    assert "3 accounts are set aside." in page.words and "One hand." in page.words
    act = last_act()
    assert act.after["user_ids"] == [person.id for person in crowd[:3]]
    again = anas.post_form(f"/acts/{act.id}/count-again")
    assert again.status_code == 303 and counted(idea) == 4
    assert "3 accounts count again." in page_of(anas.get(again.headers["Location"])).words
    twice = anas.post_form(f"/acts/{act.id}/count-again")
    assert "count again already" in page_of(anas.get(twice.headers["Location"])).words


def test_a_group_that_counts_again_can_be_set_aside_once_more(anas, alert, crowd, idea):
    form = {"act": "set_aside", "users": [str(person.id) for person in crowd]}
    anas.post_form(f"/rotterdam/alerts/{alert.id}/acts", form)
    anas.post_form(f"/acts/{last_act().id}/count-again")
    assert anas.post_form(f"/rotterdam/alerts/{alert.id}/acts", form).status_code == 303
    assert counted(idea) == 0


def test_an_alert_is_dismissed_once(anas, alert, idea):
    address = f"/rotterdam/alerts/{alert.id}/acts"
    assert anas.post_form(address, {"act": "dismiss"}).status_code == 303
    page = page_of(anas.get(f"/rotterdam/alerts/{alert.id}"))
    assert "settled" in page.words and not page.all("button", value="dismiss")
    assert anas.post_form(address, {"act": "dismiss"}).status_code == 409
    assert counted(idea) == 4


def test_nobody_ticked_and_nobody_elses_account(anas, alert, make_user):
    address = f"/rotterdam/alerts/{alert.id}/acts"
    none = anas.post_form(address, {"act": "set_aside", "sentence": "My sentence"})
    assert none.status_code == 422 and "Tick at least one account." in page_of(none).words
    assert "My sentence" in none.get_data(as_text=True)
    other = anas.post_form(address, {"act": "set_aside", "users": [str(make_user("Lisa").id)]})
    assert other.status_code == 422
    assert anas.post_form(address, {"act": "shout"}).status_code == 422


def test_only_who_moderates_the_board_sees_it(client, signed_in, crowd, anas, alert, idea):
    assert client.get(f"/rotterdam/alerts/{alert.id}").status_code == 303
    assert signed_in(crowd[0]).get(f"/rotterdam/alerts/{alert.id}").status_code == 404
    assert anas.get(f"/berlin/alerts/{alert.id}").status_code == 404
    assert anas.get("/rotterdam/alerts/999").status_code == 404
    assert signed_in(crowd[0]).post_form("/acts/1/count-again").status_code == 404
