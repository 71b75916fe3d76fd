"""Participants as organisers see them: the only place where e-mail addresses and upvoters are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.accounts.groups import group_label
from app.accounts.models import User
from app.accounts.policy import is_banned
from app.cities.models import City, Edition, Moderator, Participation
from app.core.extensions import db
from app.ideas.models import Comment, Idea, Upvote
from app.ideas.rooms import waits_for_reveal

SHOWN_AT_MOST = 50


@dataclass(frozen=True)
class Participant:
    """Somebody in a list. `banned_until` is None once the ban is over; `boards` are the names of cities."""

    id: int
    name: str
    email: str | None
    is_confirmed: bool
    group: str
    affiliation: str | None
    is_verified: bool
    is_organiser: bool
    origin: str
    banned_until: datetime | None
    boards: tuple[str, ...]

    @property
    def group_label(self) -> str:
        """The group's name in the reader's language."""
        return str(group_label(self.group))


@dataclass(frozen=True)
class Board:
    """A board that somebody takes part in, and with how much."""

    slug: str
    name: str
    time_zone: str
    since: datetime
    ideas: int
    comments: int
    upvotes: int
    is_set_aside: bool


@dataclass(frozen=True)
class Profile:
    """All that organisers are shown of one person."""

    who: Participant
    registered_at: datetime
    confirmed_at: datetime | None
    verified_at: datetime | None
    boards: tuple[Board, ...]
    moderates: tuple[str, ...]


@dataclass(frozen=True)
class Upvoter:
    """Somebody who upvoted an idea. `came_with` is the merged idea it was given to."""

    id: int
    name: str
    group_label: str
    is_counted: bool
    at: datetime
    came_with: int | None


@dataclass(frozen=True)
class UpvotedIdea:
    """An idea and who upvoted it, the latest first; what waits for a workshop's reveal is left out."""

    id: int
    title: str
    city_slug: str
    time_zone: str
    upvoters: tuple[Upvoter, ...]


Found = tuple[tuple[Participant, ...], bool]
"""People, at most SHOWN_AT_MOST of them, and whether there are more."""


def nobody() -> Found:
    """What is found where nothing was asked."""
    return (), False


def find_participants(words: str, at: datetime) -> Found:
    """People whose name or e-mail address holds `words`, by name; whether there are more than are returned."""
    # SQLite's LIKE knows the case of ASCII letters only.
    spellings = {words, words.lower(), words.upper(), words.title()}
    named = [
        column.icontains(spelling, autoescape=True)
        for spelling in sorted(spellings)
        for column in (User.name, User.email, User.claimed_email)
    ]
    return _listed(_people().where(or_(*named)), at)


def banned_participants(at: datetime) -> Found:
    """Who is shut out at `at`, by name; whether there are more."""
    return _listed(_people().where(User.banned_until > at), at)


def participant(user_id: int) -> User | None:
    """The person with this id, unless their account is deleted."""
    return db.session.scalar(select(User).where(User.id == user_id, User.erased_at.is_(None)))


def participant_addressed(address: str) -> User | None:
    """Who has confirmed this e-mail address (in small letters)."""
    return db.session.scalar(select(User).where(User.email == address, User.erased_at.is_(None)))


def participants_of(users: Sequence[User], at: datetime) -> tuple[Participant, ...]:
    """These people, in their order; two queries whatever their number."""
    boards: dict[int, list[str]] = defaultdict(list)
    for user_id, name in db.session.execute(
        select(Participation.user_id, City.name)
        .join(City, City.id == Participation.city_id)
        .where(Participation.user_id.in_([user.id for user in users]))
        .order_by(City.name)
    ):
        boards[user_id].append(name)
    return tuple(
        Participant(
            id=user.id,
            name=user.name,
            email=user.address,
            is_confirmed=user.email is not None,
            group=user.group,
            affiliation=user.affiliation,
            is_verified=user.verified_at is not None,
            is_organiser=user.is_organiser,
            origin=user.origin,
            banned_until=user.banned_until if is_banned(user, at) else None,
            boards=tuple(boards[user.id]),
        )
        for user in users
    )


def profile_of(user: User, at: datetime) -> Profile:
    """The person's page."""
    return Profile(
        who=participants_of([user], at)[0],
        registered_at=user.created_at,
        confirmed_at=user.confirmed_at,
        verified_at=user.verified_at,
        boards=_boards_of(user.id),
        moderates=tuple(
            db.session.scalars(
                select(City.name)
                .join(Moderator, Moderator.city_id == City.id)
                .where(Moderator.user_id == user.id)
                .order_by(City.name)
            )
        ),
    )


Boards = tuple[tuple[str, str], ...]
"""(slug, name) of boards to choose from."""


def boards_for(user_id: int) -> Boards:
    """The boards an act about this person can be logged on: theirs, else all of the series."""
    return boards_for_each([user_id])[user_id]


def boards_for_each(user_ids: Sequence[int]) -> dict[int, Boards]:
    """As `boards_for`, for several people in two queries."""
    own: dict[int, list[tuple[str, str]]] = {user_id: [] for user_id in user_ids}
    for user_id, slug, name in db.session.execute(
        select(Participation.user_id, City.slug, City.name)
        .join(City, City.id == Participation.city_id)
        .where(Participation.user_id.in_(user_ids))
        .order_by(City.name)
    ):
        own[user_id].append((slug, name))
    everywhere: Boards = ()
    if not all(own.values()):
        query = select(City.slug, City.name).join(Edition, Edition.id == City.edition_id)
        rows = db.session.execute(query.order_by(Edition.year.desc(), City.position))
        everywhere = tuple((slug, name) for slug, name in rows)
    return {user_id: tuple(boards) or everywhere for user_id, boards in own.items()}


def upvoted_idea(idea_id: int) -> UpvotedIdea | None:
    """An idea in any state but withdrawn, and who upvoted it."""
    found = db.session.execute(
        select(Idea.id, Idea.title, City.slug, City.time_zone)
        .join(City, City.id == Idea.city_id)
        .where(Idea.id == idea_id, Idea.state != "withdrawn")
    ).first()
    if found is None:
        return None
    rows = db.session.execute(
        select(User.id, User.name, User.group, Upvote.is_counted, Upvote.created_at, Upvote.came_with_id)
        .join(User, User.id == Upvote.user_id)
        .where(Upvote.idea_id == idea_id, ~waits_for_reveal())
        .order_by(Upvote.created_at.desc(), User.id)
    )
    return UpvotedIdea(
        *found,
        upvoters=tuple(
            Upvoter(user_id, name, str(group_label(group)), is_counted, at, came_with)
            for user_id, name, group, is_counted, at, came_with in rows
        ),
    )


def _people() -> Select[Any]:
    """Everybody who is still there: those who registered first, then whom imports and samples brought."""
    who = select(User).where(User.erased_at.is_(None))
    return who.order_by(User.origin != "registered", func.lower(User.name), User.id)


def _listed(query: Select[Any], at: datetime) -> Found:
    users = db.session.scalars(query.limit(SHOWN_AT_MOST + 1)).all()
    return participants_of(users[:SHOWN_AT_MOST], at), len(users) > SHOWN_AT_MOST


def _boards_of(user_id: int) -> tuple[Board, ...]:
    counts = [
        dict(db.session.execute(query.group_by(Idea.city_id)).all())
        for query in (
            select(Idea.city_id, func.count()).where(Idea.author_id == user_id),
            select(Idea.city_id, func.count())
            .join(Comment, Comment.idea_id == Idea.id)
            .where(Comment.author_id == user_id),
            select(Idea.city_id, func.count())
            .join(Upvote, Upvote.idea_id == Idea.id)
            .where(Upvote.user_id == user_id),
        )
    ]
    rows = db.session.execute(
        select(City, Participation.since, Participation.set_aside_at)
        .join(Participation, Participation.city_id == City.id)
        .where(Participation.user_id == user_id)
        .order_by(City.name)
    )
    return tuple(
        Board(
            slug=city.slug,
            name=city.name,
            time_zone=city.time_zone,
            since=since,
            ideas=counts[0].get(city.id, 0),
            comments=counts[1].get(city.id, 0),
            upvotes=counts[2].get(city.id, 0),
            is_set_aside=set_aside_at is not None,
        )
        for city, since, set_aside_at in rows
    )
