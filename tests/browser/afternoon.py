"""Who takes part in a workshop, and what they do there with their own hands: a moderator, phones, screens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Idea, Upvote
from tests.browser.conftest import PHONE, Person, application_of
from tests.browser.steps import fill_idea, is_live
from tests.clients import apart

TV = {"width": 1920, "height": 1080}
AT_ONCE = 3.0
"""Seconds until everybody shows what the remote said: one, and the patience a busy machine needs."""
Arrive = Callable[..., Person]


def appointed(somebody: Person, **rules: object) -> Person:
    """`somebody` drives Rotterdam's workshops from now on, which have these rules."""

    def appoint_them() -> None:
        with application_of(somebody.board).app_context():
            city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
            appoint(city, db.session.get_one(User, somebody.id), now())
            with unit_of_work():
                for workshop in city.workshops:
                    for name, value in rules.items():
                        setattr(workshop, name, value)

    apart(appoint_them)
    return somebody


@dataclass
class Afternoon:
    """One workshop: the moderator's phone, the screens, and the participants' phones."""

    ana: Person
    number: int
    screens: list[Page]
    phones: list[Page] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def remote(self) -> Page:
        """The moderator's page."""
        return self.ana.page

    def begins(self) -> None:
        """The moderator opens the workshop, and the screens say how to join."""
        self.remote.goto(f"{self.ana.board.url}/rotterdam/remote?workshop={self.number}")
        self.remote.get_by_role("button", name="Open the workshop").click()
        expect(self.remote.get_by_role("heading", name="Lobby")).to_be_visible()
        is_live(self.remote)

    def code(self) -> str:
        """What a screen shows to those who come in."""
        return self.screens[0].locator(".code").first.inner_text().replace(" ", "").replace("\n", "")

    def goes_on(self, phase: str, mode: str, *, sure: str = "") -> None:
        """The moderator's thumb: every phone says the phase and every screen shows its mode, at once."""
        button = self.remote.locator(".r-next")
        expect(button).to_contain_text(phase)
        button.click()
        if sure:
            self.remote.get_by_role("button", name=sure).click()
        began = time.monotonic()
        for page in self.phones:
            expect(page.locator("#room")).to_contain_text(phase)
        self.screens_show(mode)
        took = time.monotonic() - began
        assert took < AT_ONCE, f"{phase} took {took:.1f} s"
        self.slowest = max(self.slowest, took)

    def screens_show(self, mode: str) -> None:
        """Every screen shows this mode."""
        for screen in self.screens:
            expect(screen.locator("body")).to_have_attribute("data-mode", mode)

    def lights(self, title: str) -> None:
        """The moderator puts one of the newest ideas into the light."""
        line = self.remote.locator("#r-newest li").filter(has_text=title)
        line.get_by_role("button", name="Spotlight").click()


def joins(phone: Person, name: str, group: str, code: str, *, types: bool, email: str = "") -> Page:
    """Come in with the code on the screen, scanned or typed; ends on the board."""
    page = phone.page
    if types:
        phone.goes_to("/join")
        page.get_by_label("Code").fill(f"{code[:2]} {code[2:4]} {code[4:]}".lower())
        page.get_by_role("button", name="Continue").click()
    else:
        phone.goes_to(f"/j/{code}")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label(group, exact=True).check()
    if group not in ("Resident", "Student"):
        page.get_by_label("Affiliation").fill("Harbour works")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("I agree to the privacy notice").check()
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator("#room")).to_be_visible()
    return is_live(page)


def posts_idea(page: Page, title: str) -> None:
    """Write an idea on the phone and send it; the page afterwards is the idea's, or the composer where it waits."""
    page.locator(".post-button").click()
    fill_idea(page, title)
    page.get_by_role("button", name="Post idea").click()


def a_phone(visitor: Arrive) -> Person:
    """Somebody who has never been here."""
    return visitor(viewport=PHONE)


def as_stored(somebody: Person, number: int) -> tuple[list[tuple[str, int]], dict[str, int]]:
    """Rotterdam's ideas in the order *top* with their upvotes, and how many upvotes each person gave in a workshop."""

    def read() -> tuple[list[tuple[str, int]], dict[str, int]]:
        with application_of(somebody.board).app_context():
            city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
            workshop = next(one for one in city.workshops if one.number == number)
            ideas = db.session.execute(
                select(Idea.title, Idea.upvote_count)
                .where(Idea.city_id == city.id)
                .order_by(Idea.upvote_count.desc(), Idea.id.desc())
            )
            given: dict[str, int] = {}
            names = select(User.name).join(Upvote, Upvote.user_id == User.id)
            for name in db.session.scalars(names.where(Upvote.workshop_id == workshop.id)):
                given[name] = given.get(name, 0) + 1
            return [(title, count) for title, count in ideas], given

    return apart(read)


def as_shown(screen: Page) -> list[tuple[str, int]]:
    """The ideas on a screen with their upvotes, in their order."""
    shown: list[list[str]] = screen.locator(".stop").evaluate_all(
        "(stops) => stops.map((stop) => [stop.querySelector('.title').textContent,"
        " stop.querySelector('.count').firstChild.textContent])"
    )
    return [(title, int(count)) for title, count in shown]
