"""Screens: made, paired with a code, told what to show, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from app.accounts.models import User
from app.cities.models import City, Workshop
from app.cities.queries import curates
from app.core.announce import announce
from app.core.database import insert_if_new
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.text import clean_line
from app.core.unit_of_work import unit_of_work
from app.workshops.codes import LENGTH, new_code
from app.workshops.events import ScreensChanged
from app.workshops.models import FOLLOW, MODES, Pairing, Screen
from app.workshops.queries.screens import SEEN_EVERY, hash_token

CODE_LIVES = timedelta(minutes=10)
NAME_MAX = 60
SCREENS_MAX = 30
"""Of a city at a time: more are a mistake or a script."""


def make_screen(
    city: City, *, name: str, by: User, at: datetime, workshop: Workshop | None = None
) -> tuple[Screen, str]:
    """A screen that follows the remote, and the token of its link, which is kept nowhere. Raises Invalid, NotThere."""
    with unit_of_work():
        _refuse_others(by, city.id)
        return _add(city.id, name, by, at, workshop)


def begin_pairing(at: datetime) -> tuple[Pairing, str]:
    """A code for a TV to show, and the secret by which the TV proves that it is the one that shows it."""
    with unit_of_work():
        db.session.execute(delete(Pairing).where(Pairing.made_at <= at - CODE_LIVES))
        while True:  # a code that somebody else shows just now is not shown twice
            code, secret = new_code(), secrets.token_urlsafe(32)
            if insert_if_new(Pairing, code=code, secret_hash=hash_token(secret), made_at=at):
                return db.session.scalars(select(Pairing).where(Pairing.code == code)).one(), secret


def pair(
    city: City, code: str, *, name: str, by: User, at: datetime, workshop: Workshop | None = None
) -> Screen:
    """The TV that shows `code` becomes a screen of this city. Raises Invalid where no TV shows it, NotThere."""
    with unit_of_work():
        _refuse_others(by, city.id)
        pairing = db.session.scalar(
            select(Pairing)
            .where(
                Pairing.code == code[:LENGTH],
                Pairing.made_at > at - CODE_LIVES,
                Pairing.screen_token.is_(None),
            )
            .with_for_update()
        )
        if pairing is None or len(code) != LENGTH:
            raise Invalid(
                _("No TV shows this code. It changes every ten minutes: look at the TV again."), "code"
            )
        screen, pairing.screen_token = _add(city.id, name, by, at, workshop)
        return screen


def let_go(token: str) -> None:
    """The TV has opened its screen: nothing is left of the pairing, nor of the token it carried."""
    waits = select(Pairing.id).where(Pairing.screen_token == token)
    if db.session.scalar(waits) is not None:
        with unit_of_work():
            db.session.execute(delete(Pairing).where(Pairing.screen_token == token))


def set_mode(screen: Screen, mode: str, *, by: User, workshop: Workshop | None = None) -> None:
    """Let a screen show a mode of its own, or FOLLOW; `workshop` moves it to that one. Raises Invalid, NotThere."""
    if mode not in (*MODES, FOLLOW):
        raise Invalid(_("Screens cannot show this."), "mode")
    with unit_of_work():
        _refuse_others(by, screen.city_id)
        _refuse_revoked(screen)
        screen.mode = mode
        if workshop is not None:
            screen.workshop_id = workshop.id
        announce(ScreensChanged(screen.city_id, (screen.id,)))


def revoke(screen: Screen, *, by: User, at: datetime) -> None:
    """The link shows nothing any more, from now on and for good; again changes nothing. Raises NotThere."""
    with unit_of_work():
        _refuse_others(by, screen.city_id)
        if screen.revoked_at is None:
            screen.revoked_at = at
            announce(ScreensChanged(screen.city_id, (screen.id,), revoked=True))


def note_seen(screen: Screen, at: datetime) -> None:
    """Remember that the screen was on at `at`, once a minute at most: ten screens must not keep the database busy."""
    if screen.seen_at is not None and at - screen.seen_at < SEEN_EVERY:
        return
    with unit_of_work():
        db.session.execute(update(Screen).where(Screen.id == screen.id).values(seen_at=at))


def _add(city_id: int, name: str, by: User, at: datetime, workshop: Workshop | None) -> tuple[Screen, str]:
    standing = db.session.scalars(
        select(Screen.id).where(Screen.city_id == city_id, Screen.revoked_at.is_(None))
    ).all()
    if len(standing) >= SCREENS_MAX:
        raise Invalid(_("This city has %(most)d screens. Revoke one that is not in use.", most=SCREENS_MAX))
    name = clean_line(name)[:NAME_MAX].strip() or _("Screen %(number)d", number=len(standing) + 1)
    token = secrets.token_urlsafe(32)
    screen = Screen(
        city_id=city_id,
        workshop_id=workshop.id if workshop else None,
        name=name,
        token_hash=hash_token(token),
        mode=FOLLOW,
        made_at=at,
        made_by_id=by.id,
    )
    db.session.add(screen)
    db.session.flush()
    return screen, token


def _refuse_others(by: User, city_id: int) -> None:
    if not curates(by, city_id):
        raise NotThere()


def _refuse_revoked(screen: Screen) -> None:
    if screen.revoked_at is not None:
        raise NotThere()
