"""Reports, what they weigh, and when they hold an item; objections of authors."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.ideas.actions.posting import withdraw_idea
from app.moderation.actions.deciding import approve, decline, hide, hold, keep, restore
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.objecting import OBJECTION_MAX, object_to
from app.moderation.actions.reasons import retire_reason
from app.moderation.actions.reporting import already_reported, report, weight_of
from app.moderation.actions.undoing import undo
from app.moderation.models import SENTENCE_MAX, Act, Objection, Reason, Report
from tests.boards import post, rows, say

WRONG = "This is no advertising at all."


@pytest.fixture
def reports(clock):
    """`reports(item, somebody)` -> their report, for the first reason."""
    return lambda item, by: report(item, because=1, sentence="", by=by, at=clock.now())


@pytest.fixture
def room(make_user):
    """Ten residents."""
    return [make_user(f"Resident {number}") for number in range(10)]


def test_a_report_waits_in_the_queue_with_what_was_waiting(idea, tom, reports, queued):
    made = reports(idea, tom)
    assert (made.weight, made.outcome, made.item_key) == (1.0, None, f"idea:{idea.id}")
    assert (queued(idea).needs, queued(idea).reports, idea.state) == ("reported", 1, "published")


def test_each_person_reports_an_item_once(idea, tom, ana, reports, clock):
    assert not already_reported(idea, tom)
    reports(idea, tom)
    assert already_reported(idea, tom)
    with pytest.raises(AlreadyDone, match="reported this already"):
        reports(idea, tom)
    keep(idea, by=ana, at=clock.now())
    with pytest.raises(AlreadyDone, match="reported this already"):
        reports(idea, tom)
    assert rows(Report) == 1


def test_what_cannot_be_reported_is_refused(idea, mara, tom, ana, reports, clock):
    with pytest.raises(NotAllowed, match="your own"):
        reports(idea, mara)
    with pytest.raises(Invalid, match="reason"):
        report(idea, because=99, sentence="", by=tom, at=clock.now())
    with pytest.raises(Invalid, match="Shorten"):
        report(idea, because=1, sentence="x" * (SENTENCE_MAX + 1), by=tom, at=clock.now())
    retire_reason(db.session.get_one(Reason, 2), is_retired=True)
    with pytest.raises(Invalid, match="reason"):
        report(idea, because=2, sentence="", by=tom, at=clock.now())
    comment = say(idea, mara)
    hide(idea, because=1, sentence="", by=ana, at=clock.now())
    for gone in (idea, comment):
        with pytest.raises(NotThere):
            reports(gone, tom)
    assert rows(Report) == 0


def test_five_reports_within_an_hour_hold_an_idea_until_somebody_looks(
    idea, room, ana, reports, queued, clock
):
    for who in room[:4]:
        reports(idea, who)
    assert idea.state == "published"
    reports(idea, room[4])
    act = db.session.scalars(select(Act)).one()
    assert (idea.state, queued(idea).needs, queued(idea).reports) == ("held", "held", 5)
    assert (act.kind, act.role, act.by_id, act.reason_id) == ("hold", "board", None, None)
    with pytest.raises(NotThere):
        reports(idea, room[5])
    with pytest.raises(AlreadyDone):
        undo(act, by=ana, at=clock.now())
    approve(idea, by=ana, at=clock.now())
    assert idea.is_published and rows(Report, outcome="dismissed") == 5
    reports(idea, room[5])
    assert idea.is_published, "those that were decided do not count again"


def test_a_comment_is_held_without_its_idea(idea, tom, room, reports, queued):
    comment = say(idea, tom, "Buy gold!")
    for who in room[:5]:
        reports(comment, who)
    assert (comment.state, idea.state, idea.comment_count, queued(comment).needs) == (
        "held",
        "published",
        0,
        "held",
    )


def test_five_reports_over_more_than_an_hour_hold_nothing(idea, room, reports, clock):
    for who in room[:6]:
        reports(idea, who)
        clock.advance(901)
    assert idea.is_published


@pytest.mark.settings(reports_to_hold=2)
def test_the_number_that_holds_is_a_setting(idea, room, reports):
    reports(idea, room[0]), reports(idea, room[1])
    assert idea.state == "held"


def test_who_was_wrong_before_weighs_less_and_who_was_right_more_again(city, mara, tom, ana, reports, clock):
    weights = []
    for number, decide in enumerate((keep, keep, hide, hide)):
        idea = post(city, mara, f"Idea number {number}")
        weights.append(reports(idea, tom).weight)
        more = {"because": 1, "sentence": ""} if decide is hide else {}
        decide(idea, by=ana, at=clock.now(), **more)
    assert weights == pytest.approx([1, 1 / 2, 1 / 3, 2 / 4])
    assert weight_of(tom) == pytest.approx(3 / 5)


def test_people_who_were_wrong_before_need_more_to_hold_an_idea(city, idea, mara, room, ana, reports, clock):
    harmless = post(city, mara, "Nothing is wrong with this")
    for who in room[:4]:
        reports(harmless, who)
    keep(harmless, by=ana, at=clock.now())
    for who in room[:6]:
        reports(idea, who)
    assert idea.is_published, "four halves and two are four"
    reports(idea, room[6])
    assert idea.state == "held"


def test_an_account_without_a_confirmed_address_weighs_nothing(idea, make_user, room, reports, queued):
    newcomers = [make_user(f"Newcomer {number}", confirmed=False) for number in range(6)]
    for who in newcomers:
        assert reports(idea, who).weight == 0
    assert idea.is_published and queued(idea).reports == 6


def test_who_may_not_take_part_any_more_does_not_report(idea, make_user, reports, clock):
    late = make_user("Late", confirmed=False)
    clock.advance(25 * 3600)
    with pytest.raises(NotAllowed):
        reports(idea, late)


def test_an_author_objects_once_and_another_moderator_is_asked(idea, mara, tom, ana, ben, queued, clock):
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    with pytest.raises(NotThere):
        object_to(act, text=WRONG, by=tom, at=clock.now())
    for text in ("No.", "x" * (OBJECTION_MAX + 1)):
        with pytest.raises(Invalid):
            object_to(act, text=text, by=mara, at=clock.now())
    object_to(act, text=f"  {WRONG}\n", by=mara, at=clock.now())
    assert db.session.scalars(select(Objection.text)).one() == WRONG
    assert (queued(idea).needs, queued(idea).not_for_id) == ("objection", ana.id)
    with pytest.raises(AlreadyDone, match="objected to this already"):
        object_to(act, text=WRONG, by=mara, at=clock.now())


@pytest.mark.parametrize("kind", [hide, hold, decline])
def test_whatever_took_a_text_out_of_sight_can_be_objected_to(idea, mara, ana, ben, clock, kind):
    because = {"because": 1, "sentence": "", "by": ana, "at": clock.now()}
    if kind is decline:
        hold(idea, **because)
    act = kind(idea, **because)
    object_to(act, text=WRONG, by=mara, at=clock.now())
    (approve if kind is hold else restore)(idea, by=ben, at=clock.now())
    assert idea.is_published and db.session.scalars(select(Objection.outcome)).one() == "upheld"


def test_an_author_objects_to_a_merge_and_taking_apart_answers(city, idea, tom, ana, ben, queued, clock):
    same = post(city, tom, "A bike lane along Coolsingel please")
    act = merge_ideas(same, into=idea, by=ana, at=clock.now())
    object_to(act, text="Mine is about the other side.", by=tom, at=clock.now())
    assert (queued(same).needs, queued(same).not_for_id) == ("objection", ana.id)
    unmerge(same, by=ben, at=clock.now())
    assert db.session.scalars(select(Objection.outcome)).one() == "upheld" and queued(same).needs == ""


def test_a_merge_that_stands_after_an_objection_is_kept(city, idea, tom, ana, ben, clock):
    same = post(city, tom, "A bike lane along Coolsingel please")
    act = merge_ideas(same, into=idea, by=ana, at=clock.now())
    object_to(act, text="Mine is about the other side.", by=tom, at=clock.now())
    keep(same, by=ben, at=clock.now())
    assert (same.state, db.session.scalars(select(Objection.outcome)).one()) == ("merged", "dismissed")


def test_nobody_objects_about_what_is_back_or_what_they_took_back(city, idea, mara, ana, clock):
    because = {"because": 1, "sentence": "", "by": ana, "at": clock.now()}
    act = hide(idea, **because)
    restore(idea, by=ana, at=clock.now())
    with pytest.raises(AlreadyDone, match="on the board again"):
        object_to(act, text=WRONG, by=mara, at=clock.now())
    act = hold(idea, **because)
    withdraw_idea(idea, by=mara, at=clock.now())
    with pytest.raises(NotThere):
        object_to(act, text=WRONG, by=mara, at=clock.now())
    other = post(city, mara, "Another idea")
    act = hide(other, **because)
    undo(act, by=ana, at=clock.now())
    with pytest.raises(NotThere):
        object_to(act, text=WRONG, by=mara, at=clock.now())
