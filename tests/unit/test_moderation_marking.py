"""Pinning, locking, sorting anew, and answering."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.ideas.actions.posting import withdraw_idea
from app.moderation.actions.answering import answer_idea, discard_draft, draft_answer, publish_answers
from app.moderation.actions.deciding import hide
from app.moderation.actions.marking import lock_comments, pin, retag, unlock_comments, unpin
from app.moderation.models import ANSWER_MAX, Act, AnswerDraft
from tests.boards import post, rows, say


@pytest.fixture
def ideas(city, mara):
    """Four of hers."""
    return [post(city, mara, f"Idea number {number}") for number in range(4)]


def test_three_ideas_of_a_board_are_pinned_at_most(ideas, ana, clock):
    for idea in ideas[:3]:
        pin(idea, by=ana, at=clock.now())
    with pytest.raises(Invalid, match="3 ideas are pinned already"):
        pin(ideas[3], by=ana, at=clock.now())
    unpin(ideas[0], by=ana, at=clock.now())
    pin(ideas[3], by=ana, at=clock.now())
    assert [bool(idea.pinned_at) for idea in ideas] == [False, True, True, True]


def test_boards_have_three_places_each(ideas, cities, make_moderator, mara, ana, clock):
    for idea in ideas[:3]:
        pin(idea, by=ana, at=clock.now())
    cem = make_moderator(cities["berlin"], "Cem")
    assert pin(post(cities["berlin"], mara), by=cem, at=clock.now()).kind == "pin"


def test_what_is_pinned_already_or_not_at_all_is_said(idea, ana, clock):
    with pytest.raises(AlreadyDone, match="not pinned any more"):
        unpin(idea, by=ana, at=clock.now())
    pin(idea, by=ana, at=clock.now())
    with pytest.raises(AlreadyDone, match="pinned already"):
        pin(idea, by=ana, at=clock.now())


def test_a_hidden_or_withdrawn_idea_leaves_its_place_and_gets_none(ideas, mara, ana, clock):
    for idea in ideas[:3]:
        pin(idea, by=ana, at=clock.now())
    hide(ideas[0], because=1, sentence="", by=ana, at=clock.now())
    withdraw_idea(ideas[1], by=mara, at=clock.now())
    assert [bool(idea.pinned_at) for idea in ideas] == [False, False, True, False]
    for gone in ideas[:2]:
        with pytest.raises(NotThere):
            pin(gone, by=ana, at=clock.now())
    pin(ideas[3], by=ana, at=clock.now())


def test_a_locked_idea_takes_comments_of_moderators_only(idea, tom, ana, clock):
    lock_comments(idea, by=ana, at=clock.now())
    with pytest.raises(NotAllowed, match="takes no more comments"):
        say(idea, tom)
    say(idea, ana, "Thank you all.")
    with pytest.raises(AlreadyDone):
        lock_comments(idea, by=ana, at=clock.now())
    unlock_comments(idea, by=ana, at=clock.now())
    say(idea, tom)
    assert idea.comment_count == 2


def test_sorting_anew_keeps_the_order_of_the_themes(idea, ana, clock):
    act = retag(idea, kind="challenge", theme_ids=[4, 2, 4], language="nl", by=ana, at=clock.now())
    assert [theme.theme_id for theme in idea.themes] == [4, 2] and (idea.kind, idea.language) == (
        "challenge",
        "nl",
    )
    assert act.before == {"kind": "opportunity", "theme_ids": [1], "language": "en"}


@pytest.mark.parametrize(
    "wrong", [{"kind": "complaint"}, {"theme_ids": []}, {"theme_ids": [1, 2, 3, 4]}, {"theme_ids": [99]}, {}]
)
def test_sorting_anew_must_make_sense_and_a_difference(idea, ana, clock, wrong):
    as_it_is = {"kind": "opportunity", "theme_ids": [1], "language": "en"}
    with pytest.raises(Invalid):
        retag(idea, **{**as_it_is, **wrong}, by=ana, at=clock.now())
    assert rows(Act) == 0


def test_an_answer_shows_status_and_text_at_once(idea, ana, clock):
    answer_idea(idea, status="in_discussion", text="  We look into it.\n", by=ana, at=clock.now())
    assert (idea.status, idea.answer, idea.answered_at) == ("in_discussion", "We look into it.", clock.now())
    answered = clock.now()
    clock.advance(60)
    answer_idea(idea, status="taken_up", text="We look into it.", by=ana, at=clock.now())
    assert (idea.status, idea.answered_at) == ("taken_up", answered), "the text is as old as it was"


@pytest.mark.parametrize(
    ("status", "text"), [("new", ""), ("maybe", "Yes."), ("new", "x" * (ANSWER_MAX + 1))]
)
def test_an_answer_that_says_nothing_new_or_too_much_is_refused(idea, ana, clock, status, text):
    with pytest.raises(Invalid):
        answer_idea(idea, status=status, text=text, by=ana, at=clock.now())


def test_nobody_answers_what_is_not_public_or_not_theirs(idea, cities, make_moderator, ana, clock):
    cem = make_moderator(cities["berlin"], "Cem")
    with pytest.raises(NotThere):
        answer_idea(idea, status="taken_up", text="", by=cem, at=clock.now())
    hide(idea, because=1, sentence="", by=ana, at=clock.now())
    with pytest.raises(NotThere):
        answer_idea(idea, status="taken_up", text="", by=ana, at=clock.now())


def test_drafts_are_shared_and_published_together_or_not_at_all(city, ideas, ana, ben, clock):
    for idea in ideas[:2]:
        draft_answer(idea, status="in_discussion", text="A first try.", by=ana, at=clock.now())
    draft_answer(ideas[1], status="taken_up", text="Done.", by=ben, at=clock.now())
    assert rows(AnswerDraft) == 2 and ideas[1].status == "new"
    with pytest.raises(Invalid, match="not there any more"):
        publish_answers(city, [ideas[0].id, ideas[2].id], by=ana, at=clock.now())
    assert ideas[0].status == "new" and rows(Act) == 0
    publish_answers(city, [idea.id for idea in ideas[:2]], by=ana, at=clock.now())
    assert [idea.status for idea in ideas[:2]] == ["in_discussion", "taken_up"] and rows(AnswerDraft) == 0


def test_a_draft_is_discarded_or_used_up(idea, ana, ben, clock):
    draft_answer(idea, status="in_discussion", text="A first try.", by=ana, at=clock.now())
    discard_draft(idea, by=ben)
    assert rows(AnswerDraft) == 0
    draft_answer(idea, status="in_discussion", text="A second try.", by=ana, at=clock.now())
    answer_idea(idea, status="taken_up", text="At once!", by=ben, at=clock.now())
    assert db.session.scalars(select(AnswerDraft)).all() == []
