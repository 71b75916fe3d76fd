"""Loads a city by the name in its address, for those who may read its board, and says who curates what."""

from __future__ import annotations

from typing import NamedTuple

from flask import has_request_context, request
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from app.accounts.access import require_person
from app.accounts.models import User
from app.cities.models import City
from app.cities.policy import can_read_board
from app.cities.queries import SLUG, curated_by
from app.core.clock import now
from app.core.errors import NotAllowed, NotThere
from app.core.extensions import db

_KEPT = "cities.moderated"


def city_named(slug: str) -> City:
    """The city with this address. Raises NotThere."""
    city = db.session.scalar(select(City).where(City.slug == slug)) if SLUG.fullmatch(slug) else None
    if city is None:
        raise NotThere()
    return city


class BoardNow(NamedTuple):
    """A board that may be read, and its last number."""

    id: int
    seq: int
    is_public: bool


_NOW = select(City.id, City.seq, City.is_public).where(City.slug == bindparam("slug"))


def board_now(slug: str, user: User | None) -> BoardNow:
    """As `board_at`, for who needs to know no more of it: all open pages ask, again and again."""
    row = db.session.execute(_NOW, {"slug": slug}).first() if SLUG.fullmatch(slug) else None
    if row is None:
        raise NotThere()
    _refuse_outsiders(user, row.is_public)
    return BoardNow(*row)


def board_at(slug: str, user: User | None) -> City:
    """The city whose board `user` may read. For members only, nobody in particular is sent to sign in.

    Raises NotThere, or NotAllowed where an e-mail address must be confirmed first.
    """
    city = city_named(slug)
    _refuse_outsiders(user, city.is_public)
    return city


def _refuse_outsiders(user: User | None, is_public: bool) -> None:
    if not can_read_board(user, is_public, now()):
        require_person()
        raise NotAllowed(_("This board is for its members. Please confirm your e-mail address to read it."))


def moderated_by(user: User | None) -> frozenset[int]:
    """The ids of the cities this person curates; an organiser curates them all. Asked once a request."""
    if user is None:
        return frozenset()
    if not has_request_context():
        return curated_by(user)
    kept: dict[int, frozenset[int]] = request.environ.setdefault(_KEPT, {})
    if user.id not in kept:
        kept[user.id] = curated_by(user)
    return kept[user.id]


def moderates(user: User | None, city_id: int) -> bool:
    """Whether this person curates the city's board."""
    return city_id in moderated_by(user)
