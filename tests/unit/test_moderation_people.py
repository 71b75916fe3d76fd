"""Bans, badges, and accounts whose upvotes do not count."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.actions.sessions import start_session
from app.accounts.models import Session
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Upvote
from app.moderation.actions.banning import ban, lift_ban
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.setting_aside import count_again, set_aside
from app.moderation.actions.verifying import unverify, verify
from app.moderation.models import Act, QueueItem
from tests.boards import post, rows, say


@pytest.fixture
def week(ana, clock):
    """A ban by Ana for a week."""
    until = clock.now() + timedelta(days=7)
    return {"until": until, "because": 1, "sentence": "Three warnings.", "by": ana, "at": clock.now()}


def test_who_is_banned_is_signed_out_and_what_they_posted_stays(city, idea, mara, tom, week, clock):
    say(idea, tom)
    start_session(tom, clock.now())
    act = ban(tom, city, **week)
    assert rows(Session, user_id=tom.id, ended_at=None) == 0
    assert (tom.banned_until, act.user_id, act.sentence) == (week["until"], tom.id, "Three warnings.")
    assert idea.comment_count == 1
    for refused in (
        lambda: post(city, tom),
        lambda: say(idea, tom),
        lambda: upvote(idea, by=tom, at=clock.now()),
    ):
        with pytest.raises(NotAllowed):
            refused()
    clock.advance(7 * 86400)
    say(idea, tom)
    assert idea.comment_count == 2


def test_a_ban_needs_an_end_within_a_year(city, tom, week, clock):
    for until in (clock.now(), clock.now() + timedelta(days=367)):
        with pytest.raises(Invalid):
            ban(tom, city, **{**week, "until": until})
    assert tom.banned_until is None


def test_nobody_bans_organisers_moderators_or_themselves(city, ana, ben, make_user, week, clock):
    olga = make_user("Olga", organiser=True)
    for person in (olga, ben, ana):
        with pytest.raises(NotAllowed):
            ban(person, city, **week)
    ban(ben, city, **{**week, "by": olga})
    assert ben.banned_until == week["until"]


def test_a_moderator_of_another_city_bans_nobody_here(city, cities, tom, make_moderator, week):
    with pytest.raises(NotThere):
        ban(tom, city, **{**week, "by": make_moderator(cities["berlin"], "Cem")})


def test_a_ban_is_lifted_once(city, idea, tom, ben, week, clock):
    ban(tom, city, **week)
    lift_ban(tom, city, by=ben, at=clock.now())
    say(idea, tom)
    with pytest.raises(AlreadyDone, match="no ban any more"):
        lift_ban(tom, city, by=ben, at=clock.now())


def test_an_affiliation_is_asked_about_once_a_city_and_settled_by_one_look(
    cities, make_user, make_moderator, clock
):
    wei = make_user("Wei", group="university")
    for slug in ("rotterdam", "berlin"):
        post(cities[slug], wei), post(cities[slug], wei, "And another idea")
    waiting = select(QueueItem).where(QueueItem.subject == "person", QueueItem.needs == "verify")
    assert {item.city_id for item in db.session.scalars(waiting)} == {
        cities["rotterdam"].id,
        cities["berlin"].id,
    }
    cem = make_moderator(cities["berlin"], "Cem")
    verify(wei, cities["berlin"], by=cem, at=clock.now())
    assert wei.verified_at == clock.now() and not db.session.scalars(waiting).all()
    with pytest.raises(AlreadyDone):
        verify(wei, cities["berlin"], by=cem, at=clock.now())


def test_a_badge_shows_on_every_open_page(city, make_user, ana, clock):
    wei = make_user("Wei", group="university")
    idea = post(city, wei)
    seq = city.seq
    verify(wei, city, by=ana, at=clock.now())
    assert city.seq == idea.last_change == seq + 1
    unverify(wei, city, by=ana, at=clock.now())
    assert wei.verified_at is None and city.seq == seq + 2


def test_without_an_affiliation_there_is_no_badge(city, tom, ana, clock):
    with pytest.raises(Invalid):
        verify(tom, city, by=ana, at=clock.now())


def test_saying_that_an_affiliation_is_not_confirmed_ends_the_wait(city, make_user, ana, clock):
    wei = make_user("Wei", group="university")
    post(city, wei)
    assert unverify(wei, city, by=ana, at=clock.now()).kind == "unverify"
    assert not db.session.scalars(select(QueueItem).where(QueueItem.needs == "verify")).all()


def test_who_is_set_aside_counts_nowhere_on_this_board(city, cities, idea, mara, tom, make_user, ana, clock):
    lisa, there = make_user("Lisa"), post(cities["berlin"], mara)
    second = post(city, mara, "A second idea")
    for on in (idea, there):
        upvote(on, by=tom, at=clock.now())
    upvote(idea, by=lisa, at=clock.now())
    act = set_aside(city, [tom.id, 99], sentence="The same minute.", by=ana, at=clock.now())
    upvote(second, by=tom, at=clock.now())
    assert (idea.upvote_count, second.upvote_count, there.upvote_count) == (1, 0, 1)
    assert act.after["user_ids"] == [tom.id] and rows(Upvote) == 4
    count_again(act, by=ana, at=clock.now())
    assert (idea.upvote_count, second.upvote_count, there.upvote_count) == (2, 1, 1)
    with pytest.raises(AlreadyDone):
        count_again(act, by=ana, at=clock.now())


def test_setting_aside_must_change_something(city, idea, tom, make_user, ana, clock):
    with pytest.raises(Invalid):
        set_aside(city, [tom.id], sentence="", by=ana, at=clock.now())  # who takes no part here
    upvote(idea, by=tom, at=clock.now())
    set_aside(city, [tom.id], sentence="", by=ana, at=clock.now())
    with pytest.raises(Invalid):
        set_aside(city, [tom.id], sentence="", by=ana, at=clock.now())
    with pytest.raises(NotThere):
        set_aside(city, [tom.id], sentence="", by=make_user("Lisa"), at=clock.now())
    assert rows(Act) == 1


@pytest.mark.settings(confirm_email=True)
def test_counting_again_counts_no_address_that_nobody_confirmed(city, idea, make_user, ana, clock):
    nia = make_user("Nia", confirmed=False)
    upvote(idea, by=nia, at=clock.now())
    act = set_aside(city, [nia.id], sentence="", by=ana, at=clock.now())
    count_again(act, by=ana, at=clock.now())
    assert idea.upvote_count == 0


def test_who_is_set_aside_while_merged_counts_on_neither(city, idea, tom, make_user, ana, clock):
    same, lisa = post(city, tom, "A bike lane along Coolsingel please"), make_user("Lisa")
    upvote(same, by=lisa, at=clock.now())
    merge_ideas(same, into=idea, by=ana, at=clock.now())
    act = set_aside(city, [lisa.id], sentence="", by=ana, at=clock.now())
    assert (idea.upvote_count, same.upvote_count) == (0, 0)
    unmerge(same, by=ana, at=clock.now())
    count_again(act, by=ana, at=clock.now())
    assert (idea.upvote_count, same.upvote_count) == (0, 1)
