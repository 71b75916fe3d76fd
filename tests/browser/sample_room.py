"""A workshop at its best moment, for the pictures: 38 invented people in Melbourne, and what they say in an hour."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.actions.workshops import set_workshop
from app.cities.models import City, Theme
from app.core import clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.workshops.actions.driving import move_on, open_workshop, show, spotlight
from app.workshops.actions.timing import start_timer
from tests.boards import post, say
from tests.conftest import add_person
from tests.rooms import join

SAID = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SIDES = {
    "student": ("student",),
    "resident": ("resident",),
    "expert": ("city_administration", "company", "institute", "university"),
}
VOTERS = {"student": 10, "resident": 8, "expert": 13}
BUDGET = 5
LEFT_TO_GIVE = 3


def afternoon_zone() -> str:
    """A time zone in which it is after three now, so that the pictures' hours agree with their agenda."""
    ahead = (15 - clock.now().hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


class SampleRoom:
    """Workshop 1 of Melbourne, in the lobby at first; it is between three and four in the afternoon."""

    def __init__(self) -> None:
        began = clock.now() - timedelta(minutes=50)
        self.city = db.session.scalars(select(City).where(City.slug == "melbourne")).one()
        self.moderator = add_person("Ruth", "city_administration", affiliation="City of Melbourne (invented)")
        appoint(self.city, self.moderator, began)
        set_workshop(self.city, 1, title="First exchange", audience="stakeholders", question=SAID["question"],
                     agenda=SAID["agenda"], upvote_budget=BUDGET, hides_counts=False)  # fmt: skip
        db.session.rollback()
        self.workshop = next(one for one in self.city.workshops if one.number == 1)
        with unit_of_work():
            self.city.time_zone = afternoon_zone()
            self.workshop.join_code = "M7TRAM"  # so that the QR code is the same in every picture
        open_workshop(self.workshop, by=self.moderator, at=began)
        self.people = {
            group: [add_person(name, group) for name in names.split()]
            for group, names in SAID["people"].items()
        }
        join(self.workshop, *(person for people in self.people.values() for person in people))

    @property
    def voter(self) -> User:
        """A student with upvotes left to give."""
        return self.people["student"][-1]

    def collects(self) -> None:
        """People have posted for three quarters of an hour."""
        self._moves_on("collect")
        self.ideas = self._collected()
        start_timer(self.workshop, 8, by=self.moderator, at=clock.now())

    def discusses(self) -> None:
        """An idea is in the light; two support it, two have a concern."""
        self._moves_on("discuss")
        trams = self.ideas["trams"]
        spotlight(self.workshop, trams, by=self.moderator)
        for place, voice in enumerate(SAID["voices"]):
            say(trams, self.people[voice["by"]][1 + place % 2], voice["text"], stance=voice["stance"])
        start_timer(self.workshop, 4, by=self.moderator, at=clock.now())

    def votes(self) -> None:
        """31 of 38 have voted, and six minutes are left."""
        self._moves_on("vote")
        for side, favourites in SAID["votes"].items():
            self._votes(side, favourites)
        start_timer(self.workshop, 6, by=self.moderator, at=clock.now())
        show(self.workshop, "top", by=self.moderator, contrasts="student,resident")

    def closes(self) -> None:
        """What came of it stands."""
        self._moves_on("reveal")
        self._moves_on("closed")

    def _moves_on(self, to: str) -> None:
        move_on(self.workshop, to, by=self.moderator, at=clock.now())

    def _collected(self) -> dict[str, Idea]:
        themes = dict(db.session.execute(select(Theme.key, Theme.id)).all())
        ideas: dict[str, Idea] = {}
        for place, (key, idea) in enumerate(SAID["ideas"].items()):
            ideas[key] = post(
                self.city,
                self.people[idea["by"]][place % 3],
                idea["title"],
                text=idea.get("text", ""),
                kind=idea["kind"],
                themes=tuple(themes[name] for name in idea["themes"]),
                at=clock.now() - timedelta(minutes=4 * (len(SAID["ideas"]) - place)),
            )
        return ideas

    def _votes(self, side: str, favourites: dict[str, int]) -> None:
        people = [person for group in SIDES[side] for person in self.people[group]][-VOTERS[side] :]
        left = {one.id: BUDGET - (LEFT_TO_GIVE if one is self.voter else 0) for one in people}
        for key, wanted in favourites.items():
            idea = self.ideas[key]
            may = [one for one in people if one.id != idea.author_id and left[one.id]]
            for person in sorted(may, key=lambda one: -left[one.id])[:wanted]:
                upvote(idea, by=person, at=clock.now())
                left[person.id] -= 1
