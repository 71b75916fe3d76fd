"""Lays the rows of the files against each other and against what the board already holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from app.ideas.importing.reading import Problem
from app.ideas.importing.rows import CommentRow, IdeaRow, Sheet, UpvoteRow


@dataclass
class Sheets:
    """The files of one import; only some may be given."""

    ideas: Sheet[IdeaRow] | None = None
    comments: Sheet[CommentRow] | None = None
    upvotes: Sheet[UpvoteRow] | None = None


@dataclass
class Known:
    """What earlier imports brought to this board, by the ids of the files.

    `ideas` gives the author of each, `comments` the idea and the comment that starts the thread (itself, if no reply).
    """

    people: set[str] = field(default_factory=set)
    ideas: dict[str, str] = field(default_factory=dict)
    comments: dict[str, tuple[str, str]] = field(default_factory=dict)
    upvotes: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class NewPerson:
    """Somebody the files name for the first time; `since` is their earliest act."""

    id: str
    group: str
    affiliation: str
    since: datetime


@dataclass(frozen=True)
class NewComment:
    """A comment and, for a reply, the comment its thread starts with."""

    row: CommentRow
    thread: str


@dataclass
class Matched:
    """What is new, and what became of the rest."""

    people: list[NewPerson] = field(default_factory=list)
    ideas: list[IdeaRow] = field(default_factory=list)
    comments: list[NewComment] = field(default_factory=list)
    upvotes: list[UpvoteRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ideas_known: int = 0
    comments_known: int = 0
    upvotes_known: int = 0
    upvotes_of_own_idea: int = 0
    upvotes_repeated: int = 0
    replies_folded: int = 0


def match(sheets: Sheets, known: Known) -> Matched:
    """What of these files is new to the board, oldest first. Problems of the files themselves are included."""
    matched = Matched()
    authors = dict(known.ideas)
    if sheets.ideas:
        matched.problems += sheets.ideas.problems
        authors |= {row.id: row.author for row in sheets.ideas.rows if row.id not in known.ideas}
        matched.ideas = [row for row in _by_time(sheets.ideas.rows) if row.id not in known.ideas]
        matched.ideas_known = len(sheets.ideas.rows) - len(matched.ideas)
    if sheets.comments:
        _match_comments(sheets.comments, known, authors, matched)
    if sheets.upvotes:
        _match_upvotes(sheets.upvotes, known, authors, matched)
    matched.people = list(_new_people(sheets, known, matched))
    return matched


def _match_comments(
    sheet: Sheet[CommentRow], known: Known, authors: dict[str, str], matched: Matched
) -> None:
    matched.problems += sheet.problems
    fresh: dict[str, CommentRow] = {}
    for row in sheet.rows:
        if row.id in known.comments:
            matched.comments_known += 1
        elif row.idea not in authors:
            matched.problems.append(_no_such_idea(sheet.name, row))
        elif row.parent and row.stance:
            matched.problems.append(
                Problem(
                    sheet.name,
                    row.line,
                    "stance",
                    _("is given for a reply; only a comment on the idea has one."),
                )
            )
        else:
            fresh[row.id] = row
    threads = _Threads(fresh, known)
    left_out = []
    for row in _by_time(fresh.values()):
        thread = threads.start_of(row)
        if thread is None:
            message = _(
                "is “%(value)s”, which is no comment on idea “%(idea)s”, or one that was left out.",
                value=row.parent,
                idea=row.idea,
            )
            left_out.append(Problem(sheet.name, row.line, "parent", message))
            continue
        matched.comments.append(NewComment(row, thread))
        matched.replies_folded += thread != row.parent
    matched.problems += sorted(left_out, key=lambda problem: problem.line)


class _Threads:
    """Finds the comment a thread starts with: replies to replies join the thread, which has one level."""

    def __init__(self, fresh: dict[str, CommentRow], known: Known) -> None:
        self.fresh, self.known = fresh, known
        self.found: dict[str, str | None] = {}

    def start_of(self, row: CommentRow) -> str | None:
        """The id of the thread's first comment; empty for that comment itself; None where the way up is broken."""
        way: list[str] = []
        start: str | None = None
        here = row
        while True:
            if here.id in self.found:
                start = self.found[here.id]
                break
            if here.id in way:
                break  # a circle: each replies to the other
            way.append(here.id)
            if not here.parent:
                start = here.id
                break
            above = self.fresh.get(here.parent)
            if above is None:
                idea, thread = self.known.comments.get(here.parent, ("", ""))
                start = thread if idea == here.idea else None
                break
            if above.idea != here.idea:
                break
            here = above
        for comment in way:
            self.found[comment] = start
        return "" if start == row.id else start


def _match_upvotes(sheet: Sheet[UpvoteRow], known: Known, authors: dict[str, str], matched: Matched) -> None:
    matched.problems += sheet.problems
    seen: set[tuple[str, str]] = set()
    for row in sheet.rows:
        pair = (row.idea, row.author)
        if row.idea not in authors:
            matched.problems.append(_no_such_idea(sheet.name, row))
        elif authors[row.idea] == row.author:
            matched.upvotes_of_own_idea += 1
        elif pair in seen:
            matched.upvotes_repeated += 1
        elif pair in known.upvotes:
            matched.upvotes_known += 1
        else:
            matched.upvotes.append(row)
        seen.add(pair)


def _no_such_idea(file: str, row: CommentRow | UpvoteRow) -> Problem:
    message = _("is “%(value)s”, which is no idea here, or one that was left out.", value=row.idea)
    return Problem(file, row.line, "idea", message)


def _new_people(sheets: Sheets, known: Known, matched: Matched) -> Iterable[NewPerson]:
    since: dict[str, datetime] = {}
    acts: Iterable[IdeaRow | CommentRow | UpvoteRow] = (
        *matched.ideas,
        *(comment.row for comment in matched.comments),
        *matched.upvotes,
    )
    for act in acts:
        if act.author not in known.people:
            since[act.author] = min(act.created_at, since.get(act.author, act.created_at))
    said: dict[str, tuple[str, str]] = {}
    for row in sheets.ideas.rows if sheets.ideas else ():
        said.setdefault(row.author, (row.group, row.affiliation))
    for person, first in since.items():
        yield NewPerson(person, *said.get(person, ("resident", "")), first)


def _by_time(rows):  # type: ignore[no-untyped-def]
    return sorted(rows, key=lambda row: row.created_at)
