"""For ten minutes an act can be taken back: what it found is there again, and what came since is not lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.ideas.actions.posting import withdraw_idea
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.answering import answer_idea
from app.moderation.actions.banning import ban
from app.moderation.actions.deciding import approve, hide, hold, keep, restore
from app.moderation.actions.marking import lock_comments, pin, retag, unpin
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.objecting import object_to
from app.moderation.actions.reporting import report
from app.moderation.actions.setting_aside import set_aside
from app.moderation.actions.undoing import undo
from app.moderation.actions.verifying import unverify, verify
from app.moderation.models import Act, Objection, Report
from app.moderation.policy import undo_until
from tests.boards import post, rows, say


@pytest.fixture
def why(ana, clock):
    """Who hides, and why."""
    return {"because": 1, "sentence": "", "by": ana, "at": clock.now()}


def outcome_of(model):
    """What came of the only report or objection."""
    db.session.rollback()
    return db.session.scalars(select(model.outcome)).one()


def test_an_undone_act_leaves_pin_queue_and_reports_as_they_were(idea, tom, ana, ben, why, queued, clock):
    pin(idea, by=ana, at=clock.now())
    report(idea, because=1, sentence="", by=tom, at=clock.now())
    since = queued(idea).since
    act = hide(idea, **{**why, "at": clock.advance(60)})
    assert (idea.pinned_at, outcome_of(Report), queued(idea).needs) == (None, "upheld", "")
    undone = undo(act, by=ben, at=clock.advance(60))
    assert (idea.state, idea.pinned_at, outcome_of(Report)) == ("published", why["at"], None)
    assert (queued(idea).needs, queued(idea).reports, queued(idea).since) == ("reported", 1, since)
    assert (undone.kind, undone.undoes_id, act.undone_at) == ("hide", act.id, clock.now())


def test_ten_minutes_and_no_longer(idea, ana, why, clock):
    act = hide(idea, **why)
    assert undo_until(act) == clock.now() + timedelta(minutes=10)
    with pytest.raises(AlreadyDone, match="cannot be undone any more"):
        undo(act, by=ana, at=clock.advance(600))
    assert idea.state == "hidden"


def test_nothing_is_undone_twice_nor_an_undoing_itself(idea, ana, why, clock):
    act = hide(idea, **why)
    undone = undo(act, by=ana, at=clock.advance(1))
    for one in (act, undone):
        with pytest.raises(AlreadyDone):
            undo(one, by=ana, at=clock.advance(1))
    assert idea.is_published and rows(Act) == 2


def test_nobody_undoes_on_a_board_of_others(idea, cities, make_moderator, why, clock):
    act = hide(idea, **why)
    with pytest.raises(NotThere):
        undo(act, by=make_moderator(cities["berlin"], "Cem"), at=clock.now())


def test_what_has_gone_on_since_is_not_undone(idea, ana, ben, why, clock):
    first = hide(idea, **why)
    restore(idea, by=ben, at=clock.advance(1))
    with pytest.raises(AlreadyDone, match="Something else has happened since"):
        undo(first, by=ana, at=clock.advance(1))
    second = hold(idea, **{**why, "at": clock.advance(1)})
    withdraw_idea(idea, by=idea.author, at=clock.advance(1))
    with pytest.raises(NotThere):
        undo(second, by=ana, at=clock.advance(1))


@pytest.mark.parametrize("act", [keep, approve])
def test_a_report_that_came_since_is_still_open_after_an_undo(
    idea, tom, make_user, ana, why, queued, clock, act
):
    if act is approve:
        hold(idea, **why)
    done = act(idea, by=ana, at=clock.advance(1))
    report(idea, because=1, sentence="", by=tom, at=clock.advance(1))
    undo(done, by=ana, at=clock.advance(1))
    assert queued(idea).reports == 1 and outcome_of(Report) is None
    assert queued(idea).needs == ("held" if act is approve else "reported")


def test_who_had_objected_is_right_when_the_act_is_undone(idea, mara, ana, why, queued, clock):
    act = hide(idea, **why)
    object_to(act, text="This is no advertising at all.", by=mara, at=clock.advance(1))
    undo(act, by=ana, at=clock.advance(1))
    assert (idea.state, outcome_of(Objection), queued(idea).needs) == ("published", "upheld", "new")


def test_an_objection_waits_again_when_its_answer_is_undone(idea, mara, ana, ben, why, queued, clock):
    act = hide(idea, **why)
    object_to(act, text="This is no advertising at all.", by=mara, at=clock.advance(1))
    kept = keep(idea, by=ben, at=clock.advance(1))
    undo(kept, by=ben, at=clock.advance(1))
    assert (outcome_of(Objection), queued(idea).needs, queued(idea).not_for_id) == (None, "objection", ana.id)


def test_marks_come_back_where_nobody_has_changed_them_since(idea, ana, ben, clock):
    acts = [
        retag(idea, kind="challenge", theme_ids=[3, 2], language="de", by=ana, at=clock.advance(1)),
        lock_comments(idea, by=ana, at=clock.advance(1)),
        answer_idea(idea, status="taken_up", text="Done.", by=ana, at=clock.advance(1)),
        pin(idea, by=ana, at=clock.advance(1)),
    ]
    for act in acts:
        undo(act, by=ben, at=clock.advance(1))
    assert (idea.kind, idea.language, [one.theme_id for one in idea.themes]) == ("opportunity", "en", [1])
    assert (idea.is_locked, idea.status, idea.answer, idea.answered_at, idea.pinned_at) == (
        False, "new", None, None, None,
    )  # fmt: skip
    first = answer_idea(idea, status="taken_up", text="Done.", by=ana, at=clock.advance(1))
    answer_idea(idea, status="not_pursued", text="Not done.", by=ben, at=clock.advance(1))
    with pytest.raises(AlreadyDone, match="Something else has happened since"):
        undo(first, by=ana, at=clock.advance(1))


def test_no_pin_comes_back_to_a_hidden_idea_or_as_the_fourth(city, idea, mara, ana, why, clock):
    pin(idea, by=ana, at=clock.advance(1))
    act = unpin(idea, by=ana, at=clock.advance(1))
    hide(idea, **{**why, "at": clock.advance(1)})
    with pytest.raises(AlreadyDone):
        undo(act, by=ana, at=clock.advance(1))
    restore(idea, by=ana, at=clock.advance(1))
    for number in range(3):
        pin(post(city, mara, f"Idea number {number}"), by=ana, at=clock.advance(1))
    with pytest.raises(Invalid, match="3 ideas are pinned"):
        undo(act, by=ana, at=clock.advance(1))
    assert idea.pinned_at is None


def test_an_undone_merge_brings_back_exactly_what_was(
    city, idea, tom, mara, ana, ben, make_user, queued, clock
):
    same = post(city, tom, "A bike lane along Coolsingel please")
    lisa = make_user("Lisa")
    upvote(same, by=lisa, at=clock.now())
    said = say(same, mara)
    pin(same, by=ana, at=clock.now())
    report(same, because=1, sentence="", by=lisa, at=clock.now())
    before = (same.upvote_count, same.comment_count, same.heat, same.pinned_at, idea.upvote_count, idea.heat)
    act = merge_ideas(same, into=idea, by=ana, at=clock.advance(60))
    undo(act, by=ben, at=clock.advance(60))
    assert (
        same.upvote_count,
        same.comment_count,
        same.heat,
        same.pinned_at,
        idea.upvote_count,
        idea.heat,
    ) == before
    assert (said.idea_id, said.came_with_id, same.state, outcome_of(Report)) == (
        same.id,
        None,
        "published",
        None,
    )
    assert (queued(same).needs, queued(same).reports) == ("reported", 1)
    with pytest.raises(AlreadyDone):
        unmerge(same, by=ana, at=clock.advance(1))


def test_a_ban_until_the_end_of_a_day_in_the_city_is_undone(city, tom, ana, clock):
    until = datetime(2026, 9, 20, tzinfo=ZoneInfo("Europe/Amsterdam"))
    act = ban(tom, city, until=until, because=1, sentence="", by=ana, at=clock.now())
    undo(act, by=ana, at=clock.advance(60))
    assert tom.banned_until is None
    first = ban(tom, city, until=until, because=1, sentence="", by=ana, at=clock.advance(1))
    longer = ban(
        tom, city, until=until + timedelta(days=1), because=1, sentence="", by=ana, at=clock.advance(1)
    )
    with pytest.raises(AlreadyDone):
        undo(first, by=ana, at=clock.advance(1))
    undo(longer, by=ana, at=clock.advance(1))
    assert tom.banned_until == until


def test_a_badge_is_not_given_back_over_a_later_decision(city, make_user, ana, ben, clock):
    wei = make_user("Wei", group="university")
    first = verify(wei, city, by=ana, at=clock.advance(1))
    second = unverify(wei, city, by=ben, at=clock.advance(1))
    with pytest.raises(AlreadyDone):
        undo(first, by=ana, at=clock.advance(1))
    undo(second, by=ana, at=clock.advance(1))
    assert wei.verified_at == first.at


def test_setting_aside_is_undone_within_ten_minutes_and_once(city, idea, tom, ana, clock):
    upvote(idea, by=tom, at=clock.now())
    act = set_aside(city, [tom.id], sentence="", by=ana, at=clock.now())
    undone = undo(act, by=ana, at=clock.advance(60))
    assert idea.upvote_count == 1
    for one in (act, undone):
        with pytest.raises(AlreadyDone):
            undo(one, by=ana, at=clock.advance(1))
    again = set_aside(city, [tom.id], sentence="", by=ana, at=clock.advance(1))
    with pytest.raises(AlreadyDone, match="cannot be undone any more"):
        undo(again, by=ana, at=clock.advance(600))
    assert idea.upvote_count == 0


def test_what_ends_another_act_is_not_undone(city, idea, tom, ana, clock):
    same = post(city, tom, "A bike lane along Coolsingel please")
    merge_ideas(same, into=idea, by=ana, at=clock.advance(1))
    act = unmerge(same, by=ana, at=clock.advance(1))
    with pytest.raises(AlreadyDone, match="This cannot be undone"):
        undo(act, by=ana, at=clock.advance(1))
