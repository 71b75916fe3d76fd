"""Which screen a link opens, which workshop it shows, and what the remote lists of a city's screens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.cities.models import City, Workshop
from app.cities.queries import workshop_label
from app.core.extensions import db
from app.workshops.models import FOLLOW, MODES, Pairing, Screen
from app.workshops.queries.words import mode_name

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a screen was last on."""


@dataclass(frozen=True)
class ScreenView:
    """A screen as the remote lists it."""

    id: int
    name: str
    mode: str
    mode_label: str
    is_on: bool
    """Whether it has asked for its board within the last two minutes."""
    seen_at: datetime | None
    workshop_id: int | None
    workshop_label: str
    """Empty for a screen of the city's own."""


def hash_token(token: str) -> str:
    """How a link's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_screen(token: str) -> tuple[Screen, City] | None:
    """The screen this link was made for, revoked or not, with its city."""
    row = db.session.execute(
        select(Screen, City)
        .join(City, City.id == Screen.city_id)
        .where(Screen.token_hash == hash_token(token))
    ).first()
    return (row[0], row[1]) if row else None


def open_screen(token: str) -> tuple[Screen, City] | None:
    """The screen of this link, with its city; None where it is unknown or revoked."""
    found = find_screen(token)
    return found if found is not None and found[0].revoked_at is None else None


def shown_workshop(screen: Screen) -> Workshop | None:
    """The workshop a screen shows: its own; once that is closed, or without one, the city's that is open.

    So a TV that hung there in the morning goes on by itself when the afternoon's workshop opens.
    """
    workshops = db.session.scalars(
        select(Workshop).where(Workshop.city_id == screen.city_id).order_by(Workshop.number)
    ).all()
    own = next((workshop for workshop in workshops if workshop.id == screen.workshop_id), None)
    if own is not None and own.phase != "closed":
        return own
    begun = [workshop for workshop in workshops if workshop.is_open]
    if begun:
        return begun[-1]
    return own or next((workshop for workshop in reversed(workshops) if workshop.opened_at), None)


def mode_of(screen: Screen, workshop: Workshop | None) -> str:
    """What the screen is to show now, one of MODES."""
    if screen.mode != FOLLOW:
        return screen.mode
    return workshop.shows if workshop else "wall"


def screens_of(city: City, at: datetime) -> tuple[ScreenView, ...]:
    """The city's screens that are not revoked, in the order they were made. One query."""
    rows = db.session.execute(
        select(Screen, Workshop)
        .outerjoin(Workshop, Workshop.id == Screen.workshop_id)
        .where(Screen.city_id == city.id, Screen.revoked_at.is_(None))
        .order_by(Screen.id)
    )
    return tuple(
        ScreenView(
            id=screen.id,
            name=screen.name,
            mode=screen.mode,
            mode_label=mode_name(screen.mode),
            is_on=screen.seen_at is not None and at - screen.seen_at < 2 * SEEN_EVERY,
            seen_at=screen.seen_at,
            workshop_id=screen.workshop_id,
            workshop_label=workshop_label(workshop) if workshop else "",
        )
        for screen, workshop in rows
    )


def pairing_of(secret: str, since: datetime) -> Pairing | None:
    """The pairing of the TV that knows this secret, begun after `since`."""
    return db.session.scalar(
        select(Pairing).where(Pairing.secret_hash == hash_token(secret), Pairing.made_at > since)
    )


@dataclass(frozen=True)
class ScreensPanel:
    """The part of the remote that is about screens. `workshop_number` is the workshop new screens show."""

    city_slug: str
    city_name: str
    screens: tuple[ScreenView, ...]
    modes: tuple[tuple[str, str], ...]
    workshop_number: int | None = None
    workshop_id: int | None = None
    typed_code: str = ""
    message: str = ""
    """What to change about the code typed, where it was refused."""


def screens_panel(
    city: City, at: datetime, *, workshop: Workshop | None = None, typed_code: str = "", message: str = ""
) -> ScreensPanel:
    """Everything `workshops/_screens.html` shows. One query."""
    return ScreensPanel(
        city_slug=city.slug,
        city_name=city.name,
        screens=screens_of(city, at),
        modes=tuple((mode, mode_name(mode)) for mode in (FOLLOW, *MODES)),
        workshop_number=workshop.number if workshop else None,
        workshop_id=workshop.id if workshop else None,
        typed_code=typed_code,
        message=message,
    )
