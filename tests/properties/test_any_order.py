"""Whatever people do in whatever order: counters equal rows, numbers have no gaps, heat is what the rows say."""

from __future__ import annotations

import pytest
from hypothesis import given
from sqlalchemy import func, select

from app.cities.models import Change, City, Participation
from app.core import clock as core_clock
from app.core.extensions import db
from app.ideas.heat import heat_of
from app.ideas.models import Comment, CommentRevision, Idea, IdeaRevision, IdeaTheme, Upvote
from tests.boards import numbers_of
from tests.properties.acts import Act, Board, acts, few

pytestmark = pytest.mark.settings(confirm_email=True)


@pytest.fixture(autouse=True)
def _clock_runs_again():
    yield
    core_clock.release()


def check(board: Board) -> None:
    """Everything that must hold of a board at any time."""
    db.session.rollback()
    for idea in board.ideas():
        upvotes = list(db.session.scalars(select(Upvote).where(Upvote.idea_id == idea.id)))
        counted = [one.created_at for one in upvotes if one.is_counted]
        said = list(
            db.session.scalars(
                select(Comment.created_at).where(Comment.idea_id == idea.id, Comment.state == "published")
            )
        )
        assert idea.upvote_count == len(counted)
        assert idea.comment_count == len(said)
        assert idea.heat == pytest.approx(heat_of([*counted, *said]), abs=1e-9)
        assert idea.author_id not in {one.user_id for one in upvotes}
        last = select(func.max(Change.number)).where(Change.idea_id == idea.id)
        assert idea.last_change == db.session.scalar(last)
        changes = select(func.count()).select_from(Change).where(Change.idea_id == idea.id)
        assert idea.version == db.session.scalar(changes)
        themes = db.session.scalars(
            select(IdeaTheme.position).where(IdeaTheme.idea_id == idea.id).order_by(IdeaTheme.position)
        ).all()
        assert 1 <= len(themes) <= 3 and themes == list(range(len(themes)))
        revisions = db.session.scalars(select(IdeaRevision.number).where(IdeaRevision.idea_id == idea.id))
        assert sorted(revisions) == list(range(1, 1 + len(list(_of(IdeaRevision, idea_id=idea.id)))))
        assert (idea.edited_at is not None) == bool(list(_of(IdeaRevision, idea_id=idea.id)))
    for comment in board.comments():
        if comment.parent_id is not None:
            parent = db.session.get_one(Comment, comment.parent_id)
            assert parent.parent_id is None and parent.idea_id == comment.idea_id
            assert comment.stance is None
        assert (comment.edited_at is not None) == bool(list(_of(CommentRevision, comment_id=comment.id)))
    seq = db.session.scalar(select(City.seq).where(City.id == board.city.id)) or 0
    assert numbers_of(board.city) == list(range(1, seq + 1))
    took_part = {idea.author_id for idea in board.ideas()} | {one.author_id for one in board.comments()}
    took_part |= set(db.session.scalars(select(Upvote.user_id)))
    people = set(
        db.session.scalars(select(Participation.user_id).where(Participation.city_id == board.city.id))
    )
    assert took_part <= people <= {person.id for person in board.people}
    unconfirmed = {person.id for person in board.people if not person.is_confirmed}
    assert not unconfirmed & set(
        db.session.scalars(select(Upvote.user_id).where(Upvote.is_counted.is_(True)))
    )


def _of(model, **values):
    return db.session.scalars(select(model).filter_by(**values))


@given(acts)
@few
def test_whatever_people_do_the_board_adds_up(city, done):
    board = Board(city)
    board.do(*done)
    check(board)


def test_a_busy_afternoon_adds_up_after_every_single_act(city):
    board = Board(city)
    for number, kind in enumerate(
        ["post", "post", "comment", "reply", "upvote", "upvote", "confirm", "take_back", "edit"] * 3
        + ["withdraw_comment", "withdraw", "erase", "upvote", "wait", "edit", "withdraw"]
    ):
        board.do(Act(kind, number % 4, number % 3, "tram", 1 + number % 4))
        check(board)
    assert board.refused, "nothing was refused: the acts are too tame to mean anything"
    assert db.session.scalar(select(func.count()).select_from(Idea)) == 6
