"""Hide, decline, hold, restore, approve, keep: who may, what follows, and what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.cities.models import Change
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.ideas.actions.commenting import withdraw_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.moderation.actions.deciding import approve, decline, hide, hold, keep, restore
from app.moderation.actions.marking import pin
from app.moderation.actions.objecting import object_to
from app.moderation.actions.reporting import report
from app.moderation.actions.rules import change_rules
from app.moderation.models import SENTENCE_MAX, Act, Objection, Report
from tests.boards import draft, numbers_of, post, rows, say


@pytest.fixture
def why(clock):
    """What a decision needs, by whom and when left out."""
    return {"because": 1, "sentence": "Buy nothing here.", "at": clock.now()}


def test_hiding_takes_an_idea_from_the_board_and_says_why_in_the_log(idea, ana, why, queued, clock):
    act = hide(idea, by=ana, **why)
    assert (idea.state, idea.pinned_at) == ("hidden", None)
    assert (act.kind, act.role, act.by_id, act.reason_id, act.sentence) == (
        "hide", "moderator", ana.id, 1, "Buy nothing here.",
    )  # fmt: skip
    assert (act.before["state"], act.after["state"], act.waited_seconds) == ("published", "hidden", 0)
    item = queued(idea)
    assert (item.needs, item.decisions, item.act_id, item.settled_at) == ("", 1, act.id, clock.now())


def test_hiding_needs_a_reason_of_the_list_and_no_more_than_a_sentence(idea, ana, why):
    for wrong in ({"because": None}, {"because": 99}, {"sentence": "x" * (SENTENCE_MAX + 1)}):
        with pytest.raises(Invalid):
            hide(idea, by=ana, **{**why, **wrong})
    assert idea.state == "published" and rows(Act) == 0


def test_nobody_decides_on_a_board_of_others(idea, cities, make_moderator, make_user, tom, why):
    for stranger in (make_moderator(cities["berlin"], "Cem"), tom):
        with pytest.raises(NotThere):
            hide(idea, by=stranger, **why)
    act = hide(idea, by=make_user("Olga", organiser=True), **why)
    assert act.role == "organiser"


def test_the_second_moderator_hears_who_was_faster(idea, ana, ben, why, clock):
    hide(idea, by=ana, **why)
    clock.advance(61)
    with pytest.raises(AlreadyDone, match="Already hidden by Ana, 1 minute ago"):
        hide(idea, by=ben, **{**why, "at": clock.now()})


def test_a_page_that_has_not_seen_the_last_act_decides_nothing(idea, ana, ben, why, clock):
    hide(idea, by=ana, seen=0, **why)
    restore(idea, by=ana, at=clock.now(), seen=1)
    with pytest.raises(AlreadyDone, match="Already restored by Ana"):
        hide(idea, by=ben, seen=1, **why)
    hide(idea, by=ben, seen=2, **why)
    assert idea.state == "hidden"


def test_what_its_author_took_back_cannot_be_decided(idea, mara, ana, why, clock):
    withdraw_idea(idea, by=mara, at=clock.now())
    with pytest.raises(AlreadyDone, match="Its author has taken it back"):
        hide(idea, by=ana, **why)


def test_a_hidden_comment_is_not_counted_and_comes_back_with_its_place(idea, tom, ana, why, clock):
    comment, other = say(idea, tom, "Buy gold!"), say(idea, tom, "No, silver.")
    heat = idea.heat
    hide(comment, by=ana, **why)
    assert (comment.state, idea.comment_count) == ("hidden", 1) and idea.heat < heat
    restore(comment, by=ana, at=clock.now())
    assert (comment.state, idea.comment_count) == ("published", 2)
    assert idea.heat == pytest.approx(heat) and other.state == "published"


def test_restoring_is_possible_for_ever(idea, ana, ben, why, clock):
    hide(idea, by=ana, **why)
    clock.advance(400 * 86400)
    assert restore(idea, by=ben, at=clock.now()).kind == "restore"
    assert idea.is_published


def test_what_is_held_before_publication_has_no_number_until_it_is_approved(city, tom, ana, clock, queued):
    change_rules(city, by=None, at=clock.now(), moderation="before")
    idea = post(city, tom)
    assert (idea.state, numbers_of(city), queued(idea).needs) == ("held", [], "held")
    clock.advance(90)
    act = approve(idea, by=ana, at=clock.now())
    assert (idea.state, numbers_of(city), act.waited_seconds) == ("published", [1], 90)
    assert db.session.scalars(select(Change.kind)).one() == "idea_posted"


def test_a_declined_idea_was_never_on_the_board(city, tom, ana, clock, why):
    change_rules(city, by=None, at=clock.now(), moderation="before")
    idea = post(city, tom)
    act = decline(idea, by=ana, **why)
    assert (act.kind, idea.state, numbers_of(city)) == ("decline", "hidden", [])
    with pytest.raises(AlreadyDone):
        decline(idea, by=ana, **why)


def test_a_published_idea_can_be_held_until_somebody_has_looked(idea, ana, ben, why, queued, clock):
    hold(idea, by=ana, **why)
    assert (idea.state, queued(idea).needs) == ("held", "held")
    approve(idea, by=ben, at=clock.now())
    assert (idea.state, queued(idea).needs) == ("published", "")


def test_keeping_settles_what_waits_and_nothing_else(idea, tom, ana, queued, clock):
    report(idea, because=1, sentence="", by=tom, at=clock.now())
    assert (queued(idea).needs, queued(idea).reports) == ("reported", 1)
    keep(idea, by=ana, at=clock.now())
    assert (idea.state, queued(idea).needs, queued(idea).reports) == ("published", "", 0)
    assert db.session.scalars(select(Report.outcome)).one() == "dismissed"
    with pytest.raises(AlreadyDone, match="Already looked at and kept by Ana"):
        keep(idea, by=ana, at=clock.now())


@pytest.mark.parametrize(("act", "outcome"), [(hide, "upheld"), (hold, None), (keep, "dismissed")])
def test_reporters_were_right_where_the_item_goes(idea, tom, ana, why, act, outcome):
    report(idea, because=1, sentence="", by=tom, at=why["at"])
    act(idea, by=ana, **(why if act is not keep else {"at": why["at"]}))
    assert db.session.scalars(select(Report.outcome)).one() == outcome


def test_who_hid_it_does_not_decide_about_the_objection_while_another_can(
    idea, mara, ana, ben, why, clock, queued
):
    act = hide(idea, by=ana, **why)
    object_to(act, text="This is no advertising at all.", by=mara, at=clock.now())
    with pytest.raises(NotAllowed):
        keep(idea, by=ana, at=clock.now())
    restore(idea, by=ben, at=clock.now())
    assert (db.session.scalars(select(Objection.outcome)).one(), queued(idea).not_for_id) == ("upheld", None)


def test_who_moderates_alone_decides_about_the_objection_too(idea, mara, ana, why, clock):
    act = hide(idea, by=ana, **why)
    object_to(act, text="This is no advertising at all.", by=mara, at=clock.now())
    keep(idea, by=ana, at=clock.now())
    assert (idea.state, db.session.scalars(select(Objection.outcome)).one()) == ("hidden", "dismissed")


def test_an_edit_on_a_board_that_is_moderated_first_takes_a_pinned_idea_off_and_leaves_its_place(
    city, idea, mara, ana, clock, queued
):
    pin(idea, by=ana, at=clock.now())
    change_rules(city, by=None, at=clock.now(), moderation="before")
    edit_idea(idea, draft("Something else altogether"), by=mara, at=clock.now())
    assert (idea.state, idea.pinned_at, queued(idea).needs) == ("held", None, "held")


def test_what_an_author_takes_back_leaves_the_queue(city, idea, mara, tom, queued, clock):
    comment = say(idea, tom)
    assert queued(comment).needs == queued(idea).needs == "new"
    withdraw_comment(comment, by=tom, at=clock.now())
    withdraw_idea(idea, by=mara, at=clock.now())
    assert queued(comment).needs == queued(idea).needs == ""
