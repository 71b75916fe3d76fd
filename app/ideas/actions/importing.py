"""Brings ideas, comments and upvotes from CSV files onto a board. Again changes nothing: every row keeps its id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.models import User
from app.cities.models import City, Theme, Workshop
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions import filling
from app.ideas.actions.filling import Content, Step, fill_board
from app.ideas.importing.matching import Known, Matched, Sheets, match
from app.ideas.importing.rows import Rules, read_comments, read_ideas, read_upvotes
from app.ideas.models import Comment, Idea, Upvote


@dataclass(frozen=True)
class Board:
    """What rows are measured by: an existing city's board, or one about to be made (`city` None)."""

    slug: str
    language: str
    time_zone: str
    city: City | None = None


def board_of(city: City) -> Board:
    """An existing city's board."""
    return Board(city.slug, city.language, city.time_zone, city)


def read_files(
    board: Board, *, ideas: Path | None, comments: Path | None, upvotes: Path | None, at: datetime
) -> Sheets:
    """Read and check the files. Raises Unreadable."""
    workshops = _workshops(board)
    rules = Rules(
        themes=frozenset(db.session.scalars(select(Theme.key))),
        workshops=frozenset(workshops),
        language=board.language,
        zone=ZoneInfo(board.time_zone),
        now=at,
    )
    return Sheets(
        ideas=read_ideas(ideas, rules) if ideas else None,
        comments=read_comments(comments, rules) if comments else None,
        upvotes=read_upvotes(upvotes, rules) if upvotes else None,
    )


def match_board(board: Board, sheets: Sheets) -> Matched:
    """What of the files is new to the board. Writes nothing: this is the dry run."""
    return match(sheets, _known(board))


def import_files(city: City, sheets: Sheets, *, at: datetime, step: Step = lambda rows: None) -> Matched:
    """Write what is new, all or nothing. Returns what `match_board` would have said."""
    board = board_of(city)
    with unit_of_work():
        matched = match(sheets, _known(board))
        fill_board(city, _content(board, matched), at=at, step=step)
    return matched


def _content(board: Board, matched: Matched) -> Content:
    def key(source_id: str) -> str:
        return f"{board.slug}:{source_id}"

    themes = dict(db.session.execute(select(Theme.key, Theme.id)).all())
    workshops = _workshops(board)
    there = _people_there(board)
    return Content(
        origin="imported",
        people_there=there,
        ideas_there=_ids_there(Idea, board),
        comments_there=_ids_there(Comment, board),
        people=[
            filling.NewPerson(
                key=key(person.id),
                name=f"Participant {number:04d}",
                group=person.group,
                affiliation=person.affiliation or None,
                language=None,
                since=person.since,
            )
            for number, person in enumerate(matched.people, start=len(there) + 1)
        ],
        ideas=[
            filling.NewIdea(
                key=key(row.id),
                author=key(row.author),
                kind=row.kind,
                title=row.title,
                text=row.text,
                theme_ids=[themes[theme] for theme in row.themes],
                language=row.language,
                status=row.status,
                created_at=row.created_at,
                workshop_id=workshops[row.workshop] if row.workshop else None,
                on_paper=row.on_paper,
            )
            for row in matched.ideas
        ],
        comments=[
            filling.NewComment(
                key=key(comment.row.id),
                idea=key(comment.row.idea),
                thread=key(comment.thread) if comment.thread else None,
                author=key(comment.row.author),
                text=comment.row.text,
                stance=comment.row.stance,
                language=comment.row.language,
                created_at=comment.row.created_at,
            )
            for comment in matched.comments
        ],
        upvotes=[
            filling.NewUpvote(key(row.idea), key(row.author), row.created_at) for row in matched.upvotes
        ],
    )


def _known(board: Board) -> Known:
    if board.city is None:
        return Known()
    ours = f"{board.slug}:"
    of_ideas = (
        select(Idea.import_key, User.import_key)
        .join(User, User.id == Idea.author_id)
        .where(Idea.import_key.startswith(ours, autoescape=True))
    )
    ideas = {_cut(idea, board): _cut(author, board) for idea, author in db.session.execute(of_ideas)}
    of_comments = (
        select(Comment.id, Comment.parent_id, Comment.import_key, Idea.import_key)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.import_key.startswith(ours, autoescape=True))
    )
    comments = db.session.execute(of_comments).all()
    names = {comment_id: _cut(name, board) for comment_id, _parent, name, _idea in comments}
    of_upvotes = (
        select(Idea.import_key, User.import_key)
        .select_from(Upvote)
        .join(Idea, Idea.id == Upvote.idea_id)
        .join(User, User.id == Upvote.user_id)
        .where(
            Idea.import_key.startswith(ours, autoescape=True),
            User.import_key.startswith(ours, autoescape=True),
        )
    )
    return Known(
        people={_cut(name, board) for name in _people_there(board)},
        ideas=ideas,
        comments={
            _cut(name, board): (_cut(idea, board), names[parent or comment_id])
            for comment_id, parent, name, idea in comments
        },
        upvotes={(_cut(idea, board), _cut(author, board)) for idea, author in db.session.execute(of_upvotes)},
    )


def _cut(key: str | None, board: Board) -> str:
    """The id that a file gave, out of the key that is unique among all boards."""
    return (key or "")[len(board.slug) + 1 :]


def _people_there(board: Board) -> dict[str, int]:
    return _ids_there(User, board)


def _ids_there(model: type[User] | type[Idea] | type[Comment], board: Board) -> dict[str, int]:
    ours = model.import_key.startswith(f"{board.slug}:", autoescape=True)
    rows = db.session.execute(select(model.import_key, model.id).where(ours))
    return {key: number for key, number in rows if key}


def _workshops(board: Board) -> dict[int, int]:
    if board.city is None:
        return {}
    rows = select(Workshop.number, Workshop.id).where(Workshop.city_id == board.city.id)
    return dict(db.session.execute(rows).all())
