"""Puts many ideas, comments and upvotes onto a board at once, for imports and the sample content.

Counters, heat, search index, participations and numbered changes come out as if everything had been posted one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.accounts.models import User
from app.cities.actions.numbering import forget_old_changes
from app.cities.models import Change, City, Participation
from app.core.announce import announce
from app.core.config import settings
from app.core.extensions import db
from app.core.text import excerpt
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.indexing import index_ideas
from app.ideas.events import COMMENT_POSTED, IDEA_POSTED, BoardChanged, UpvotesChanged
from app.ideas.heat import heat_of, warmed
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote

BATCH = 1000

Step = Callable[[int], None]
"""Called with the number of rows just written."""


@dataclass(frozen=True)
class NewPerson:
    """A participant who cannot sign in. `key` names them in this content and, unique, in the database."""

    key: str
    name: str
    group: str
    affiliation: str | None
    language: str | None
    since: datetime


@dataclass(frozen=True)
class NewIdea:
    """An idea by the person with key `author`; `theme_ids` in order."""

    key: str
    author: str
    kind: str
    title: str
    text: str
    theme_ids: Sequence[int]
    language: str
    status: str
    created_at: datetime
    workshop_id: int | None = None
    on_paper: bool = False


@dataclass(frozen=True)
class NewComment:
    """A comment on the idea with key `idea`; a reply names the comment, itself no reply, that starts its thread."""

    key: str
    idea: str
    thread: str | None
    author: str
    text: str
    stance: str | None
    language: str
    created_at: datetime


@dataclass(frozen=True)
class NewUpvote:
    """An upvote by somebody else than the idea's author, not there yet."""

    idea: str
    author: str
    created_at: datetime


@dataclass
class Content:
    """What comes onto the board, oldest ideas first, and the ids of what it refers to and is there already."""

    origin: str
    people: list[NewPerson] = field(default_factory=list)
    ideas: list[NewIdea] = field(default_factory=list)
    comments: list[NewComment] = field(default_factory=list)
    upvotes: list[NewUpvote] = field(default_factory=list)
    people_there: dict[str, int] = field(default_factory=dict)
    ideas_there: dict[str, int] = field(default_factory=dict)
    comments_there: dict[str, int] = field(default_factory=dict)


def fill_board(city: City, content: Content, *, at: datetime, step: Step = lambda rows: None) -> None:
    """Write `content` onto the board of `city` in one unit of work.

    Each new idea gets a number, as does each comment on an idea that was there before. A comment on a new idea gets
    none: whoever is shown the idea's number is shown the idea as it is, comments and all. Only the last
    change is announced: an open page sees the gap before it and asks once for all it has missed.
    """
    rendered = {idea.key: excerpt(idea.text) for idea in content.ideas}
    with unit_of_work():
        people = content.people_there | _add_people(content, step)
        numbers = _Numbers(city.id, len(content.ideas) + _comments_on_old_ideas(content))
        ideas = content.ideas_there | _add_ideas(city, content, people, rendered, numbers, step)
        comments = content.comments_there | _add_comments(content, people, ideas, step)
        _add_upvotes(content, people, ideas, step)
        _touch_old_ideas(content, people, comments, numbers, city)
        _add_participations(city, content, people)
        numbers.write(at)


class _Numbers:
    """Takes a run of numbers for a board's changes and writes down what each stands for."""

    def __init__(self, city_id: int, how_many: int) -> None:
        self.city_id = city_id
        last = db.session.execute(
            update(City).where(City.id == city_id).values(seq=City.seq + how_many).returning(City.seq)
        ).scalar_one()
        self._next = iter(range(last - how_many + 1, last + 1))
        self.entries: list[dict[str, Any]] = []
        self.previous = 0

    def take(self) -> int:
        """The next number."""
        return next(self._next)

    def note(
        self, number: int, kind: str, idea_id: int, comment_id: int | None = None, previous: int = 0
    ) -> None:
        """Say what `number` stands for, and which change of the same idea came before it."""
        self.entries.append(
            {
                "city_id": self.city_id,
                "number": number,
                "kind": kind,
                "idea_id": idea_id,
                "comment_id": comment_id,
            }
        )
        self.previous = previous

    def write(self, at: datetime) -> None:
        """Store what pages may still ask for, and announce the last."""
        if not self.entries:
            return
        kept = [entry | {"at": at} for entry in self.entries[-settings().changes_kept :]]
        for batch in _batches(kept):
            db.session.execute(insert(Change), batch)
        last = self.entries[-1]
        forget_old_changes(self.city_id, last["number"])
        announce(
            BoardChanged(
                city_id=self.city_id,
                number=last["number"],
                previous=self.previous,
                kind=last["kind"],
                idea_id=last["idea_id"],
                comment_id=last["comment_id"],
            )
        )


def _add_people(content: Content, step: Step) -> dict[str, int]:
    rows = [
        {
            "import_key": person.key,
            "name": person.name,
            "group": person.group,
            "affiliation": person.affiliation,
            "language": person.language,
            "origin": content.origin,
            "created_at": person.since,
            "confirmed_at": person.since,
        }
        for person in content.people
    ]
    return _insert_with_ids(User, rows, step)


def _add_ideas(
    city: City,
    content: Content,
    people: dict[str, int],
    excerpts: dict[str, str],
    numbers: _Numbers,
    step: Step,
) -> dict[str, int]:
    upvoted = Counter(upvote.idea for upvote in content.upvotes)
    commented = Counter(comment.idea for comment in content.comments)
    moments = _moments(content)
    taken = {idea.key: numbers.take() for idea in content.ideas}
    rows = [
        {
            "import_key": idea.key,
            "city_id": city.id,
            "author_id": people[idea.author],
            "workshop_id": idea.workshop_id,
            "on_paper": idea.on_paper,
            "kind": idea.kind,
            "title": idea.title,
            "text": idea.text,
            "excerpt": excerpts[idea.key],
            "language": idea.language,
            "status": idea.status,
            "created_at": idea.created_at,
            "upvote_count": upvoted[idea.key],
            "comment_count": commented[idea.key],
            "heat": heat_of(moments[idea.key]),
            "version": 1,
            "last_change": taken[idea.key],
        }
        for idea in content.ideas
    ]
    ids = _insert_with_ids(Idea, rows, step)
    themes = [
        {"idea_id": ids[idea.key], "theme_id": theme_id, "position": position}
        for idea in content.ideas
        for position, theme_id in enumerate(idea.theme_ids)
    ]
    for batch in _batches(themes):
        db.session.execute(insert(IdeaTheme), batch)
    for ideas in _batches(content.ideas):
        index_ideas((ids[idea.key], idea.title, idea.text) for idea in ideas)
    for idea in content.ideas:
        numbers.note(taken[idea.key], IDEA_POSTED, ids[idea.key])
    return ids


def _add_comments(
    content: Content, people: dict[str, int], ideas: dict[str, int], step: Step
) -> dict[str, int]:
    def row(comment: NewComment) -> dict[str, Any]:
        return {
            "import_key": comment.key,
            "idea_id": ideas[comment.idea],
            "parent_id": threads[comment.thread] if comment.thread else None,
            "author_id": people[comment.author],
            "text": comment.text,
            "stance": comment.stance,
            "language": comment.language,
            "created_at": comment.created_at,
        }

    threads = dict(content.comments_there)
    threads |= _insert_with_ids(
        Comment, [row(comment) for comment in content.comments if not comment.thread], step
    )
    return threads | _insert_with_ids(
        Comment, [row(comment) for comment in content.comments if comment.thread], step
    )


def _add_upvotes(content: Content, people: dict[str, int], ideas: dict[str, int], step: Step) -> None:
    for batch in _batches(content.upvotes):
        rows = [
            {"idea_id": ideas[upvote.idea], "user_id": people[upvote.author], "created_at": upvote.created_at}
            for upvote in batch
        ]
        db.session.execute(insert(Upvote), rows)
        step(len(rows))


def _touch_old_ideas(
    content: Content, people: dict[str, int], comments: dict[str, int], numbers: _Numbers, city: City
) -> None:
    """Counters, heat, versions and numbers of ideas that were on the board before."""
    moments = _moments(content)
    keys = {content.ideas_there[key]: key for key in moments if key in content.ideas_there}
    if not keys:
        return
    rows: dict[int, Idea] = {}
    for ids in _batches(list(keys)):
        rows |= {idea.id: idea for idea in db.session.scalars(select(Idea).where(Idea.id.in_(ids)))}
    by_key = {keys[idea.id]: idea for idea in rows.values()}
    for key, idea in by_key.items():
        for moment in moments[key]:
            idea.heat = warmed(idea.heat, moment)
    for comment in content.comments:
        if comment.idea in by_key:
            idea, number = by_key[comment.idea], numbers.take()
            numbers.note(number, COMMENT_POSTED, idea.id, comments[comment.key], previous=idea.last_change)
            idea.comment_count += 1
            idea.version += 1
            idea.last_change = number
    last_voter = {upvote.idea: upvote.author for upvote in content.upvotes}
    for key, count in Counter(upvote.idea for upvote in content.upvotes).items():
        if key in by_key:
            by_key[key].upvote_count += count
            announce(UpvotesChanged(city.id, by_key[key].id, people[last_voter[key]], True))


def _add_participations(city: City, content: Content, people: dict[str, int]) -> None:
    since: dict[int, datetime] = {}
    acts: list[NewIdea | NewComment | NewUpvote] = [*content.ideas, *content.comments, *content.upvotes]
    for act in acts:
        person = people[act.author]
        since[person] = min(act.created_at, since.get(person, act.created_at))
    there = set(db.session.scalars(select(Participation.user_id).where(Participation.city_id == city.id)))
    rows = [
        {"city_id": city.id, "user_id": person, "since": first}
        for person, first in since.items()
        if person not in there
    ]
    for batch in _batches(rows):
        db.session.execute(insert(Participation), batch)


def _comments_on_old_ideas(content: Content) -> int:
    return sum(comment.idea in content.ideas_there for comment in content.comments)


def _moments(content: Content) -> dict[str, list[datetime]]:
    moments: dict[str, list[datetime]] = defaultdict(list)
    acts: list[NewComment | NewUpvote] = [*content.comments, *content.upvotes]
    for act in acts:
        moments[act.idea].append(act.created_at)
    return moments


def _insert_with_ids(model: Any, rows: list[dict[str, Any]], step: Step) -> dict[str, int]:
    ids: dict[str, int] = {}
    for batch in _batches(rows):
        new = db.session.execute(insert(model).returning(model.import_key, model.id), batch)
        ids.update((key, number) for key, number in new)
        step(len(batch))
    return ids


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
