"""What a moderator does with screens, and what a TV shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.workshops.actions.driving import open_workshop
from app.workshops.actions.screening import make_screen, set_mode
from tests.browser.conftest import PHONE, Person, application_of
from tests.clients import apart

Arrive = Callable[..., Person]
TV = {"width": 1920, "height": 1080}


def moderator(person: Arrive, name: str = "Ana") -> Person:
    """Moderates Rotterdam, whose first workshop is open; stands at the screens' page with her phone."""
    somebody = person(name, viewport=PHONE)
    apart(_prepare, somebody)
    somebody.goes_to("/rotterdam/screens?workshop=1")
    return somebody


def _prepare(somebody: Person) -> None:
    with application_of(somebody.board).app_context():
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        user = db.session.get_one(User, somebody.id)
        appoint(city, user, now())
        if city.workshops[0].opened_at is None:
            open_workshop(city.workshops[0], by=user, at=now())


def screens_of(somebody: Person, *modes: str) -> dict[str, tuple[int, str]]:
    """New screens of the workshop with these modes: (id, token) by mode."""
    return apart(_screens, somebody, *modes)


def _screens(somebody: Person, *modes: str) -> dict[str, tuple[int, str]]:
    with application_of(somebody.board).app_context():
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        user = db.session.get_one(User, somebody.id)
        made = {}
        for mode in modes:
            screen, token = make_screen(city, name=mode, by=user, at=now(), workshop=city.workshops[0])
            set_mode(screen, mode, by=user)
            made[mode] = (screen.id, token)
        return made


def hangs(visitor: Arrive, ana: Person, mode: str, query: str = "", **options: Any) -> tuple[Person, int]:
    """A TV that shows `mode`, live; and its screen's number."""
    screen_id, token = screens_of(ana, mode)[mode]
    tv = visitor(viewport=TV, **options)
    tv.goes_to(f"/screen/{token}?language=en{query}")
    is_live(tv.page)
    return tv, screen_id


def is_live(screen: Page) -> None:
    """Wait until the screen says so."""
    expect(screen.locator("#freshness")).to_have_text("live")
