"""`python3 tasks.py pictures`: the main pages on a phone and a desk, light and dark, from the sample content.

The board is a fresh one each time, so that the pictures change only where the product does (and with the ages of the
sample's ideas, which count from the moment it is loaded). `pictures screen- remote-` takes those that begin so.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial

from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core import clock
from app.core.extensions import db
from app.ideas.actions.sampling import load_sample
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url
from app.moderation.actions.answering import answer_idea
from app.moderation.actions.deciding import hide
from app.moderation.actions.marking import pin
from app.moderation.actions.merging import merge_ideas
from app.moderation.actions.reporting import report
from app.moderation.actions.undoing import undo
from tests.boards import post, say
from tests.browser.camera import FOLDER, THEMES, Shot, cookie_of, sample_board, take
from tests.browser.conftest import FLAGS, application_of
from tests.browser.workshop_pictures import take_workshop
from tests.conftest import add_person
from tests.servers import Board

SIZES = {360: 800, 1440: 900}


def curate(city: City) -> User:
    """An hour of moderation; returns the moderator."""
    at = clock.now()
    ana, mara = (
        add_person("Ana", "city_administration"),
        add_person("Mara", "company", affiliation="Harbour works"),
    )
    appoint(city, ana, at)
    late = post(
        city, mara, "Late trams to the harbour", text="Shifts end at one; the next tram leaves at five."
    )
    night = post(city, add_person("Tom"), "A night tram for those who work", kind="challenge", text="")
    advert = post(city, add_person("Bargains"), "Cheap bicycles, only today", text="Order now.")
    for name in ("Lea", "Sam", "Kim"):
        report(
            advert, because=3, sentence="Advertising." if name == "Lea" else "", by=add_person(name), at=at
        )
    say(late, add_person("Noor"), "The night bus is always full.", stance="support")
    first, second, third = db.session.scalars(
        select(Idea)
        .where(Idea.city_id == city.id, Idea.state == "published", Idea.author_id != mara.id)
        .order_by(Idea.upvote_count.desc(), Idea.id)
        .limit(3)
    )
    pin(second, by=ana, at=at)
    answer_idea(first, status="taken_up", text="We try it in two streets from **May** on.", by=ana, at=at)
    hidden = hide(third, because=6, sentence="It is about another city.", by=ana, at=at)
    undo(hidden, by=ana, at=at)
    merge_ideas(night, into=late, by=ana, at=at)
    return ana


def fill(app: Flask, board: Board) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Load the sample; returns the cookies of a moderator and a student, and what to take: names with addresses."""
    with app.test_request_context():
        load_sample(clock.now())
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        discussed = select(Idea).where(Idea.city_id == city.id).order_by(Idea.comment_count.desc(), Idea.id)
        idea = db.session.scalars(discussed.limit(1)).one()
        student = add_person("Mara", "student")
        cookies = {
            "student": cookie_of(app, board, student),
            "moderator": cookie_of(app, board, curate(city)),
        }
        return cookies, {
            "home": "/",
            "board": "/rotterdam",
            "idea": idea_url("rotterdam", idea.id, idea.title),
            "composer": "/rotterdam/ideas/new",
            "register": "/register",
            "queue": "/rotterdam/moderate",
            "log": "/rotterdam/log",
        }


def prepare(page: Page, name: str) -> None:
    """Bring a page into the state its picture shows."""
    if name in ("board", "idea", "queue"):
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
    if name == "composer":
        page.get_by_label("Title", exact=True).fill("Benches at every tram stop, with a roof")
        page.get_by_label("Opportunity", exact=True).check()
        page.get_by_label("Public transport", exact=True).check()
        page.get_by_label("Access and fairness", exact=True).check()
        page.get_by_label("Text", exact=True).fill(
            "I can walk **to** the stop, but not *stand* there for ten minutes."
        )
        expect(page.locator("#preview strong")).to_be_visible()
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")


def shots(cookies: dict[str, dict[str, str]], places: dict[str, str]) -> list[Shot]:
    """Every page in both themes and sizes."""
    return [
        Shot(
            f"{name}-{width}-{theme}",
            path,
            width,
            height,
            theme,
            None if name in ("register", "log") else cookies["moderator" if name == "queue" else "student"],
            partial(prepare, name=name),
        )
        for width, height in SIZES.items()
        for theme in THEMES
        for name, path in places.items()
    ]


def main(*names: str) -> None:
    """Take all pictures anew, or those whose names begin with one of these."""
    wanted = names or ("",)
    known = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, known)), None)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sample_board() as board, sync_playwright() as playwright:
        app = application_of(board)
        cookies, places = fill(app, board)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for shot in shots(cookies, places):
            if shot.name.startswith(wanted):
                take(browser, board, shot)
        take_workshop(browser, app, board, wanted)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
