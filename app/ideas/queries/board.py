"""A board: sorted, filtered, searched, one page after a key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, false, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import User
from app.cities.models import City, Participation, Theme, Workshop
from app.cities.queries import ThemeView, all_themes, city_view
from app.core.database import among
from app.core.extensions import db
from app.ideas.models import Idea, IdeaTheme, Upvote
from app.ideas.queries.cards import cards_standing
from app.ideas.queries.filters import BoardFilter
from app.ideas.queries.search import matching
from app.ideas.queries.views import BoardPage, Figures, IdeaCard

PAGE_SIZE = 50

_SORT_BY: dict[str, InstrumentedAttribute[Any]] = {
    "top": Idea.upvote_count,
    "trending": Idea.heat,
    "newest": Idea.created_at,
    "discussed": Idea.comment_count,
}


def board_page(city: City, chosen: BoardFilter, *, after: str = "", watching: int = 0) -> BoardPage:
    """Fifty cards of a board from the key `after` on; a key that cannot be read starts at the beginning.

    A constant number of queries, whatever the board holds.
    """
    column = _SORT_BY[chosen.sort]
    themes = all_themes()
    query = narrowed(_of_board(city, Idea.id, Idea.version, Idea.upvote_count, column), chosen)
    key = _read_key(chosen.sort, after)
    if key is not None:
        query = query.where(tuple_(column, Idea.id) < tuple_(*key))
    query = query.where(Idea.pinned_at.is_(None))
    rows = db.session.execute(query.order_by(column.desc(), Idea.id.desc()).limit(PAGE_SIZE + 1)).all()
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return BoardPage(
        city=city_view(city),
        figures=figures(city.id),
        filter=chosen,
        cards=tuple(cards_standing([(row[0], row[1], row[2]) for row in rows], themes)),
        next_url=chosen.next_url(_key_of(rows[-1][3], rows[-1][0])) if more else None,
        total=_total(city, chosen) if chosen.is_filtered else None,
        themes=_themes_to_filter(city, themes, chosen),
        watching=watching,
        pinned=_pinned(city, chosen, themes) if key is None else (),
    )


def _pinned(city: City, chosen: BoardFilter, themes: Sequence[ThemeView]) -> tuple[IdeaCard, ...]:
    """The few that moderators put above the others, as far as the filter lets them through."""
    query = narrowed(_of_board(city, Idea.id, Idea.version, Idea.upvote_count), chosen)
    rows = db.session.execute(query.where(Idea.pinned_at.is_not(None)).order_by(Idea.pinned_at)).all()
    return tuple(cards_standing([(row[0], row[1], row[2]) for row in rows], themes))


def _themes_to_filter(
    city: City, themes: tuple[ThemeView, ...], chosen: BoardFilter
) -> tuple[ThemeView, ...]:
    """All but the retired themes that no public idea of the board has."""
    retired = {theme.id for theme in themes if theme.is_retired and theme.key != chosen.theme}
    if not retired:
        return themes
    in_use = db.session.scalars(
        select(IdeaTheme.theme_id)
        .join(Idea, Idea.id == IdeaTheme.idea_id)
        .where(IdeaTheme.theme_id.in_(retired), Idea.city_id == city.id, Idea.state == "published")
        .distinct()
    )
    unused = retired.difference(in_use)
    return tuple(theme for theme in themes if theme.id not in unused)


def narrowed(query: Select[Any], chosen: BoardFilter) -> Select[Any]:
    """`query` over ideas and their authors, only what the filter lets through."""
    if chosen.theme:
        query = query.where(
            Idea.id.in_(
                select(IdeaTheme.idea_id)
                .join(Theme, Theme.id == IdeaTheme.theme_id)
                .where(Theme.key == chosen.theme)
            )
        )
    if chosen.kind:
        query = query.where(Idea.kind == chosen.kind)
    if chosen.status:
        query = query.where(Idea.status == chosen.status)
    if chosen.group:
        query = query.where(User.group == chosen.group)
    if chosen.workshop == "online":
        query = query.where(Idea.workshop_id.is_(None))
    elif chosen.workshop == "paper":
        query = query.where(Idea.on_paper.is_(True))
    elif chosen.workshop:
        query = query.where(Workshop.number == int(chosen.workshop))
    if chosen.q:
        found = matching(chosen.q)
        query = query.where(false() if found is None else found)
    return query


def _total(city: City, chosen: BoardFilter) -> int:
    return db.session.scalar(narrowed(_of_board(city, func.count(Idea.id)), chosen)) or 0


def _of_board(city: City, *columns: Any) -> Select[Any]:
    """These columns of the public ideas of a board, with what filters look at."""
    return (
        select(*columns)
        .select_from(Idea)
        .join(User, User.id == Idea.author_id)
        .outerjoin(Workshop, Workshop.id == Idea.workshop_id)
        .where(Idea.city_id == city.id, Idea.state == "published")
    )


def _key_of(value: Any, idea_id: int) -> str:
    return f"{value.isoformat() if isinstance(value, datetime) else repr(value)}~{idea_id}"


def _read_key(sort: str, key: str) -> tuple[Any, int] | None:
    value, _, idea_id = key.rpartition("~")
    try:
        number = int(idea_id)
        if not 0 < number < 2**31:
            return None
        if sort == "newest":
            moment = datetime.fromisoformat(value)
            return None if moment.tzinfo is None else (moment, number)
        return (float(value) if sort == "trending" else _small(value)), number
    except ValueError:
        return None


def _small(value: str) -> int:
    number = int(value)
    if not 0 <= number < 2**31:
        raise ValueError(value)
    return number


def figures(city_id: int) -> Figures:
    """Ideas and upvotes that are public, and the people who took part."""
    return figures_of([city_id])[city_id]


# Made once: these are asked for again and again, and making one takes longer than the database does.
_CITIES: Any = bindparam("city_ids", expanding=True)
_SUMS = (
    select(Idea.city_id, func.count(), func.sum(Idea.upvote_count))
    .where(Idea.city_id.in_(_CITIES), Idea.state == "published")
    .group_by(Idea.city_id)
)
_PEOPLE = (
    select(Participation.city_id, func.count())
    .where(Participation.city_id.in_(_CITIES))
    .group_by(Participation.city_id)
)
_THEIR_UPVOTES = select(Upvote.idea_id).where(
    Upvote.user_id == bindparam("user_id"), among(Upvote.idea_id, "idea_ids")
)
_COUNTS = select(Idea.id, Idea.upvote_count).where(
    among(Idea.id, "idea_ids"), Idea.city_id == bindparam("city_id"), Idea.state == "published"
)


def figures_of(city_ids: Sequence[int]) -> dict[int, Figures]:
    """The figures of several boards in two queries."""
    sums = {
        city_id: (ideas, int(upvotes or 0))
        for city_id, ideas, upvotes in db.session.execute(_SUMS, {"city_ids": list(city_ids)})
    }
    people = dict(db.session.execute(_PEOPLE, {"city_ids": list(city_ids)}).all())
    return {city_id: Figures(*sums.get(city_id, (0, 0)), people.get(city_id, 0)) for city_id in city_ids}


def upvoted_among(user_id: int, idea_ids: Sequence[int]) -> frozenset[int]:
    """Which of these ideas the person has upvoted, counted yet or not."""
    if not idea_ids:
        return frozenset()
    return frozenset(db.session.scalars(_THEIR_UPVOTES, {"user_id": user_id, "idea_ids": list(idea_ids)}))


def counts_among(city_id: int, idea_ids: Sequence[int]) -> dict[int, int]:
    """The present counts of these ideas, as far as they are public on this board."""
    if not idea_ids:
        return {}
    rows = db.session.execute(_COUNTS, {"city_id": city_id, "idea_ids": list(idea_ids)})
    return dict(rows.all())
