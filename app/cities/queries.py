"""What is shown of editions, cities and themes."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_interval, format_skeleton, format_time
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.cities.models import Attendance, City, Edition, Moderator, Participation, Theme, ThemeName, Workshop
from app.cities.phases import holds_people, lets_in
from app.core.clock import now
from app.core.extensions import db

SLUG = re.compile(r"[a-z0-9-]{1,60}")
"""Nothing else is looked up: PostgreSQL cannot even be asked about a NUL."""
_AUDIENCES = {
    "stakeholders": _l("stakeholders"),
    "students": _l("students"),
    "residents": _l("residents"),
}


@dataclass(frozen=True)
class ThemeView:
    """A theme, named in the reader's language."""

    id: int
    key: str
    name: str
    is_retired: bool = False


@dataclass(frozen=True)
class Station:
    """A stop on a board's line: `key` online, workshop or report; `state` past, now or next.

    `url` leads to what came of it, where that is known.
    """

    key: str
    label: str
    when: str
    state: str
    url: str = ""


@dataclass(frozen=True)
class WorkshopView:
    """A workshop to choose from: its row's id, its number, its words; `is_driven` once it has been opened."""

    id: int
    number: int
    label: str
    is_driven: bool = False


@dataclass(frozen=True)
class CityView:
    """A city as its board's header shows it."""

    id: int
    slug: str
    name: str
    colour: str
    question: str
    time_zone: str
    language: str
    starts_on: date | None
    ends_on: date | None
    partner: str | None
    seq: int
    source_text: str | None
    source_url: str | None
    is_sample: bool
    posting_is_open: bool
    moderates_first: bool
    """Moderators look before publication."""
    is_public: bool
    stations: tuple[Station, ...]
    workshops: tuple[WorkshopView, ...]
    running_workshop: WorkshopView | None
    more_languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditionView:
    """The run of the series the home page speaks of."""

    motto: str
    year: int


def audience_label(key: str) -> str:
    """For whom a workshop is (one of AUDIENCES), translated whenever it is read as text."""
    return _AUDIENCES[key]


def workshop_label(workshop: Workshop) -> str:
    """ "Workshop 1 · students", or its own title."""
    audience = str(_AUDIENCES[workshop.audience])
    return workshop.title or _(
        "Workshop %(number)d · %(audience)s", number=workshop.number, audience=audience
    )


def city_view(city: City, *, is_sample: bool | None = None) -> CityView:
    """The city for its header, as of now."""
    at = now()
    workshops = {
        workshop.id: WorkshopView(
            workshop.id, workshop.number, workshop_label(workshop), workshop.opened_at is not None
        )
        for workshop in city.workshops
    }
    running = next((workshops[w.id] for w in city.workshops if w.is_running(at)), None)
    return CityView(
        id=city.id,
        slug=city.slug,
        name=city.name,
        colour=city.slug,
        question=city.question or _("What holds this city back on the move, and what could carry it on?"),
        time_zone=city.time_zone,
        language=city.language,
        starts_on=city.starts_on,
        ends_on=city.ends_on,
        partner=city.partner,
        seq=city.seq,
        source_text=city.source_text,
        source_url=city.source_url,
        is_sample=shows_sample(city.id) if is_sample is None else is_sample,
        posting_is_open=city.posting_is_open,
        moderates_first=city.moderation == "before",
        is_public=city.is_public,
        stations=tuple(_stations(city, at)),
        workshops=tuple(workshops.values()),
        running_workshop=running,
        more_languages=tuple(code for code in city.more_languages.split(",") if code),
    )


def _stations(city: City, at: datetime) -> list[Station]:
    zone = ZoneInfo(city.time_zone)
    over = bool(city.ends_on and at.astimezone(zone).date() > city.ends_on)
    stations = [_workshop_station(city, workshop, at, zone, over) for workshop in city.workshops]
    running = any(station.state == "now" for station in stations)
    # People go on online before, between and after the workshops: "you are here" stands behind what is past.
    passed = 0 if over or running else sum(station.state == "past" for station in stations)
    stations.insert(passed, Station("online", _("Online"), "", "past" if over or running else "now"))
    stations.append(Station("report", _("Report"), "", "now" if over else "next"))
    return stations


def _workshop_station(city: City, workshop: Workshop, at: datetime, zone: ZoneInfo, over: bool) -> Station:
    if workshop.opened_at is not None:
        state = "now" if lets_in(workshop, at) else "past"
    elif workshop.starts_at is None:
        state = "past" if over else "next"
    else:
        state = "now" if workshop.is_running(at) else "next" if at < workshop.starts_at else "past"
    began = workshop.starts_at or workshop.closed_at
    when = _("date to be announced") if began is None else _short_moment(began.astimezone(zone))
    result = f"/{city.slug}/workshops/{workshop.number}/result" if workshop.closed_at else ""
    return Station("workshop", workshop_label(workshop), _("now") if state == "now" else when, state, result)


def _short_moment(local: datetime) -> str:
    locale = get_locale()
    date_ = (
        format_date(local, "d MMM", locale)
        if str(locale) == "en"
        else format_skeleton("MMMd", local, locale=locale)
    )
    return f"{date_} {format_time(local, 'HH:mm', locale=locale)}"


_OF_BOARD = (
    City.id, City.edition_id, City.slug, City.name, City.position, City.time_zone, City.language, City.question,
    City.partner, City.starts_on, City.ends_on, City.source_text, City.source_url, City.seq, City.more_languages,
    City.posting_is_open, City.moderation, City.is_public,
    select(func.sum(Workshop.state_seq)).where(Workshop.city_id == City.id).scalar_subquery(),
)  # fmt: skip
_BOARD = select(*_OF_BOARD).where(City.slug == bindparam("slug"))
_BOARDS = select(*_OF_BOARD).order_by(City.id)
_PUBLIC = _OF_BOARD.index(City.is_public)


def board_stamp(slug: str) -> Hashable | None:
    """Which state of a public board is the present one; None where there is no board for everybody.

    It moves with whatever is posted, changed or taken out of sight, and with the board's own rules. Not with counts.
    The connection goes back: whoever asks may wait for somebody else's answer.
    """
    row = db.session.execute(_BOARD, {"slug": slug}).first() if SLUG.fullmatch(slug) else None
    db.session.rollback()
    return tuple(row) if row is not None and row[_PUBLIC] else None


def series_stamp() -> Hashable:
    """The same of all boards."""
    rows = tuple(tuple(row) for row in db.session.execute(_BOARDS))
    db.session.rollback()
    return rows


def dates_of(city: City) -> str:
    """The city's dates in the reader's language; empty while they are not known."""
    if city.starts_on is None:
        return ""
    if city.ends_on is None or city.ends_on == city.starts_on:
        return format_date(city.starts_on, "long", locale=get_locale())
    return format_interval(city.starts_on, city.ends_on, "yMMMd", locale=get_locale())


def current_edition() -> Edition | None:
    """The edition shown at `/`: the one marked, else the latest."""
    return db.session.scalar(
        select(Edition).order_by(Edition.is_current.desc(), Edition.year.desc()).limit(1)
    )


def cities_of(edition: Edition) -> list[City]:
    """The edition's cities in their order, workshops loaded."""
    return list(
        db.session.scalars(
            select(City)
            .where(City.edition_id == edition.id)
            .options(selectinload(City.workshops))
            .order_by(City.position)
        )
    )


# What every page asks is made once: making a statement takes longer than the database does to answer it.
_CURRENT = (
    select(Edition.id).order_by(Edition.is_current.desc(), Edition.year.desc()).limit(1).scalar_subquery()
)
_NAV = select(City.slug, City.name).where(City.edition_id == _CURRENT).order_by(City.position)
_THEMES = (
    select(Theme.id, Theme.key, Theme.is_retired, ThemeName.language, ThemeName.name)
    .join(ThemeName, ThemeName.theme_id == Theme.id)
    .where(ThemeName.language.in_((bindparam("language"), "en")))
    .order_by(Theme.position, (ThemeName.language == bindparam("language")).desc())
)
_SAMPLE = (
    select(Participation.user_id)
    .join(User, User.id == Participation.user_id)
    .where(Participation.city_id == bindparam("city_id"), User.origin == "sample")
    .limit(1)
)
_MODERATED = select(Moderator.city_id).where(Moderator.user_id == bindparam("user_id"))
_ATTENDED = (
    select(Workshop)
    .join(Attendance, Attendance.workshop_id == Workshop.id)
    .where(
        Workshop.city_id == bindparam("city_id"),
        Attendance.user_id == bindparam("user_id"),
        Workshop.opened_at.is_not(None),
    )
    .order_by(Attendance.joined_at.desc())
)


def nav_cities() -> tuple[tuple[str, str], ...]:
    """(slug, name) of the current edition's cities, in order."""
    return tuple((slug, name) for slug, name in db.session.execute(_NAV))


def all_themes() -> tuple[ThemeView, ...]:
    """Every theme in its order, named in the reader's language, else in English."""
    language = get_locale().language
    rows = db.session.execute(_THEMES, {"language": language})
    found: dict[int, ThemeView] = {}
    for theme_id, key, is_retired, _language, name in rows:
        found.setdefault(theme_id, ThemeView(theme_id, key, name, is_retired))
    return tuple(found.values())


def themes_to_choose(also: Collection[int] = ()) -> tuple[ThemeView, ...]:
    """The themes offered to who writes: not the retired ones, but for those in `also`, which are chosen already."""
    return tuple(theme for theme in all_themes() if not theme.is_retired or theme.id in also)


def shows_sample(city_id: int) -> bool:
    """Whether sample participants take part in this board."""
    return db.session.scalar(_SAMPLE, {"city_id": city_id}) is not None


def curated_by(user: User) -> frozenset[int]:
    """The ids of the cities this person curates; an organiser curates them all."""
    if user.is_organiser:
        return frozenset(db.session.scalars(select(City.id)))
    return frozenset(db.session.scalars(_MODERATED, {"user_id": user.id}))


def curates(user: User, city_id: int) -> bool:
    """Whether this person curates the city's board."""
    return user.is_organiser or is_appointed(user.id, city_id)


def is_appointed(user_id: int, city_id: int) -> bool:
    """Whether this person is one of the city's own moderators."""
    query = select(Moderator.user_id).where(Moderator.user_id == user_id, Moderator.city_id == city_id)
    return db.session.scalar(query) is not None


def workshop_of(user_id: int, city_id: int, at: datetime) -> Workshop | None:
    """The workshop of this city that the person is in at `at`: the one joined last that still holds its people."""
    rows = db.session.scalars(_ATTENDED, {"city_id": city_id, "user_id": user_id})
    return next((workshop for workshop in rows if holds_people(workshop, at)), None)
