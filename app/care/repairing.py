"""Counts anew what is counted wrongly: all of it in one transaction, and open pages hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, select, update

from app.care.checks.counters import miscounted, on_paper
from app.care.checks.history import Broken, broken_boards, ideas_astray
from app.care.checks.shape import ideas_without_words
from app.cities.actions.numbering import lock_board
from app.cities.models import Change, City
from app.core.announce import announce
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import lock_ideas, note_change, note_unseen_change
from app.ideas.actions.counting import count_anew
from app.ideas.actions.indexing import index_ideas
from app.ideas.events import IDEA_MODERATED, CountsChanged
from app.ideas.models import Idea

AT_ONCE = 5000


def repair(at: datetime) -> list[str]:
    """Put right counters, numbers and search. Returns a sentence for each thing done; none where nothing was wrong."""
    with unit_of_work():
        wrong, boards = sorted({*miscounted(), *ideas_astray()}), broken_boards()
        ideas = _locked(wrong)
        if ideas or boards:
            for city_id in db.session.scalars(select(City.id).order_by(City.id)).all():
                lock_board(city_id)
        return [*_repair_numbers(), *_repair_counters(ideas, at), *_repair_search()]


def _locked(idea_ids: list[int]) -> list[Idea]:
    ideas: list[Idea] = []
    for first in range(0, len(idea_ids), AT_ONCE):
        ideas += lock_ideas(select(Idea.id).where(Idea.id.in_(idea_ids[first : first + AT_ONCE])))
    return ideas


def _repair_numbers() -> Iterator[str]:
    """First, since what is counted anew gets numbers too; nobody else numbers anything meanwhile."""
    for board in broken_boards():
        yield _put_in_order(board)
    astray = ideas_astray()
    for idea_id, number in astray.items():
        db.session.execute(update(Idea).where(Idea.id == idea_id).values(last_change=number))
    if astray:
        yield f"{len(astray)} ideas remember their last change again."


def _repair_counters(ideas: list[Idea], at: datetime) -> Iterator[str]:
    wrong = set(miscounted())
    merged = select(Idea.id, Idea.merged_into_id).where(
        Idea.state == "merged", Idea.merged_into_id.is_not(None)
    )
    paper = on_paper({idea_id: into for idea_id, into in db.session.execute(merged) if into is not None})
    counted = [idea for idea in ideas if idea.id in wrong]
    for idea in counted:
        idea.paper_upvotes = paper.get(idea.id, 0)
        count_anew(idea)
        announce(CountsChanged(idea.city_id, idea.id))
        if idea.is_published:
            note_change(idea, IDEA_MODERATED, at=at)
        else:
            note_unseen_change(idea)
    if counted:
        yield f"Counted {len(counted)} ideas anew."


def _put_in_order(board: Broken) -> str:
    """Pages that know only what lies before a gap are told to load afresh: what happened in it, nobody can say."""
    db.session.execute(
        update(City)
        .where(City.id == board.city_id)
        .values(seq=max(board.seq, board.newest), queue_seq=max(board.queue_seq, board.newest_stamp))
    )
    gone = board.seq if board.lost_the_newest else board.whole_after
    db.session.execute(delete(Change).where(Change.city_id == board.city_id, Change.number <= gone))
    return f"/{board.slug} counts its changes in order again."


def _repair_search() -> Iterator[str]:
    missing = ideas_without_words()
    for first in range(0, len(missing), AT_ONCE):
        some = missing[first : first + AT_ONCE]
        index_ideas(db.session.execute(select(Idea.id, Idea.title, Idea.text).where(Idea.id.in_(some))).all())
    if missing:
        yield f"{len(missing)} ideas can be found by their words again."
