"""Editions, boards and workshops as organisers see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.models import City, Edition, Moderator, Participation, Workshop
from app.cities.queries import audience_label, workshop_label
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.board import figures_of
from app.ideas.queries.views import Figures
from app.moderation.models import QueueItem


@dataclass(frozen=True)
class EditionRow:
    """An edition and how many cities it has."""

    id: int
    motto: str
    year: int
    is_current: bool
    cities: int


@dataclass(frozen=True)
class BoardRow:
    """A board at a glance. `waiting`: items of its queue that need a moderator."""

    slug: str
    name: str
    year: int
    is_current: bool
    is_first: bool
    is_last: bool
    time_zone: str
    waiting: int
    moderators: int
    posting_is_open: bool
    moderation: str
    is_public: bool
    is_sample: bool
    figures: Figures


@dataclass(frozen=True)
class ModeratorRow:
    """Somebody who moderates a board."""

    id: int
    name: str
    affiliation: str | None
    since: datetime


@dataclass(frozen=True)
class WorkshopRow:
    """A workshop; `ideas` came from it."""

    number: int
    label: str
    audience_label: str
    starts_at: datetime | None
    ends_at: datetime | None
    ideas: int


def editions() -> tuple[EditionRow, ...]:
    """All editions, the latest first."""
    counts = dict(db.session.execute(select(City.edition_id, func.count()).group_by(City.edition_id)).all())
    rows = db.session.scalars(select(Edition).order_by(Edition.year.desc()))
    return tuple(
        EditionRow(row.id, row.motto, row.year, row.is_current, counts.get(row.id, 0)) for row in rows
    )


def boards() -> tuple[BoardRow, ...]:
    """All boards, those of the current edition first; six queries whatever their number."""
    rows = db.session.execute(
        select(City, Edition)
        .join(Edition, Edition.id == City.edition_id)
        .order_by(Edition.is_current.desc(), Edition.year.desc(), City.position)
    ).all()
    cities = [city.id for city, _edition in rows]
    waiting = _counted(
        select(QueueItem.city_id, func.count()).where(QueueItem.needs != ""), QueueItem.city_id
    )
    appointed = _counted(select(Moderator.city_id, func.count()), Moderator.city_id)
    numbers, sample = figures_of(cities), _with_sample()
    ends = _ends([city for city, _edition in rows])
    return tuple(
        BoardRow(
            slug=city.slug,
            name=city.name,
            year=edition.year,
            is_current=edition.is_current,
            is_first=city.id in ends[0],
            is_last=city.id in ends[1],
            time_zone=city.time_zone,
            waiting=waiting.get(city.id, 0),
            moderators=appointed.get(city.id, 0),
            posting_is_open=city.posting_is_open,
            moderation=city.moderation,
            is_public=city.is_public,
            is_sample=city.id in sample,
            figures=numbers[city.id],
        )
        for city, edition in rows
    )


def city_names() -> list[tuple[str, str]]:
    """(slug, name) of every city, those of the latest edition first."""
    rows = db.session.execute(
        select(City.slug, City.name)
        .join(Edition, Edition.id == City.edition_id)
        .order_by(Edition.is_current.desc(), Edition.year.desc(), City.position)
    )
    return [(slug, name) for slug, name in rows]


def moderators_of(city: City) -> tuple[ModeratorRow, ...]:
    """Who moderates the board, by name."""
    rows = db.session.execute(
        select(User.id, User.name, User.affiliation, Moderator.appointed_at)
        .join(Moderator, Moderator.user_id == User.id)
        .where(Moderator.city_id == city.id, User.erased_at.is_(None))
        .order_by(User.name, User.id)
    )
    return tuple(ModeratorRow(*row) for row in rows)


def workshops_of(city: City) -> tuple[WorkshopRow, ...]:
    """The board's workshops in their order."""
    used = _counted(select(Idea.workshop_id, func.count()).where(Idea.city_id == city.id), Idea.workshop_id)
    rows = db.session.scalars(select(Workshop).where(Workshop.city_id == city.id).order_by(Workshop.number))
    return tuple(
        WorkshopRow(
            number=row.number,
            label=workshop_label(row),
            audience_label=str(audience_label(row.audience)),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            ideas=used.get(row.id, 0),
        )
        for row in rows
    )


def workshop_numbered(city: City, number: int) -> Workshop | None:
    """One of the board's workshops."""
    return db.session.scalar(select(Workshop).where(Workshop.city_id == city.id, Workshop.number == number))


def organisers() -> tuple[str, ...]:
    """The names of those who may see these pages."""
    return tuple(
        db.session.scalars(
            select(User.name)
            .where(User.is_organiser.is_(True), User.erased_at.is_(None))
            .order_by(User.name, User.id)
        )
    )


def _counted(query, by) -> dict[int, int]:  # type: ignore[no-untyped-def]
    return dict(db.session.execute(query.group_by(by)).all())


def _with_sample() -> frozenset[int]:
    return frozenset(
        db.session.scalars(
            select(Participation.city_id)
            .join(User, User.id == Participation.user_id)
            .where(User.origin == "sample")
            .distinct()
        )
    )


def _ends(cities: Sequence[City]) -> tuple[set[int], set[int]]:
    """The ids of the first and of the last cities of their editions; `cities` come in order."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for city in cities:
        first.setdefault(city.edition_id, city.id)
        last[city.edition_id] = city.id
    return set(first.values()), set(last.values())
