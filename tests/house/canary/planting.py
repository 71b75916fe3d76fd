"""Texts that nobody without the right may ever meet: a word of its own in every place that holds somebody's words.

`zqhiddentitle` stands in the title of the idea called `hidden`, `zqhiddenname` in its author's name, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core import clock
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment
from app.ideas.actions.posting import edit_idea
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Comment, Idea
from app.moderation.actions.answering import answer_idea, draft_answer
from app.moderation.actions.marking import pin
from tests.boards import database_kind, draft, post, run_sql, say
from tests.house.canary.rooms import hold_workshops

FIRST_NUMBER = 7_000_001
"""Ideas and comments are numbered from here on, so that a number is found in any text without a doubt."""
WORD = re.compile(
    r"zq(?:hidden|reported|merged|target|withdrawn|waiting|declined|older|newer|on(?:hidden|merged|older)"
    r"|(?:hidden|reported|waiting|declined)comment|upvoter|draft|report|objection)"
    r"(?:title|text|revision|answer|name|company|mail)"
)


def word(item: str, place: str) -> str:
    """The word that stands in this place of this item."""
    return f"zq{item}{place}"


@dataclass
class Planted:
    """People, and what they wrote. `items` by their names, as ideas and comments."""

    city: City
    people: dict[str, User] = field(default_factory=dict)
    items: dict[str, Any] = field(default_factory=dict)
    screens: dict[str, str] = field(default_factory=dict)
    """The tokens of screens, by what they show."""

    @property
    def ideas(self) -> dict[str, Idea]:
        return {name: item for name, item in self.items.items() if isinstance(item, Idea)}

    @property
    def comments(self) -> dict[str, Comment]:
        return {name: item for name, item in self.items.items() if isinstance(item, Comment)}


class Planter:
    """Writes items on a board, each by an author whose name, address and words are its own."""

    def __init__(self, city: City, make_user: Callable[..., User]) -> None:
        self.planted = Planted(city)
        self.city, self.make_user = city, make_user

    def person(self, name: str, **more: Any) -> User:
        user = self.make_user(name, **more)
        self.planted.people[name.lower()] = user
        return user

    def author(self, item: str) -> User:
        return self.make_user(
            f"Zq{item}name",
            group="company",
            affiliation=f"Zq{item}company",
            email=f"zq{item}mail@example.org",
        )

    def idea(self, item: str) -> Idea:
        """An idea that said something else before."""
        author = self.author(item)
        idea = post(self.city, author, f"{word(item, 'revision')} lanterns", text=word(item, "revision"))
        changed = draft(f"{word(item, 'title')} lanterns by the quay", text=word(item, "text"))
        edit_idea(idea, changed, by=author, at=clock.now())
        self.planted.items[item] = idea
        return idea

    def comment(self, item: str, on: Idea) -> Comment:
        """A comment that said something else before."""
        author = self.author(item)
        comment = say(on, author, word(item, "revision"))
        edit_comment(comment, word(item, "text"), stance="concern", by=author, at=clock.now())
        self.planted.items[item] = comment
        return comment

    def before_publication(self, held: bool) -> None:
        with unit_of_work():
            self.city.moderation = "before" if held else "after"


def plant(city: City, make_user: Callable[..., User], berlin: City) -> Planted:
    """A board where much is public that is going to be taken away, and some things have never been public."""
    number_from(FIRST_NUMBER)
    at = clock.now()
    planter = Planter(city, make_user)
    tom, mo, omar = planter.person("Tom"), planter.person("Mo"), planter.person("Omar")
    olga = planter.person("Olga", organiser=True)
    appoint(city, mo, at)
    appoint(berlin, omar, at)

    older = post(city, planter.person("Pia"), "An older idea with lanterns")
    for item in ("hidden", "reported", "merged", "target", "withdrawn"):
        idea = planter.idea(item)
        upvote(idea, by=tom, at=at)
    ideas = planter.planted.ideas
    newer = post(city, planter.person("Quim"), "A newer idea with lanterns")
    planter.planted.items |= {"older": older, "newer": newer}
    post(berlin, tom, "An idea of Berlin with lanterns")

    pin(ideas["hidden"], by=mo, at=at)
    answer_idea(ideas["hidden"], status="taken_up", text=word("hidden", "answer"), by=mo, at=at)
    draft_answer(older, status="shortlisted", text=word("draft", "text"), by=mo, at=at)
    upvote(older, by=planter.author("upvoter"), at=at)

    planter.comment("onhidden", ideas["hidden"])
    planter.comment("onmerged", ideas["merged"])
    hidden = planter.comment("hiddencomment", older)
    planter.comment("reportedcomment", older)
    planter.planted.items["reply"] = say(older, tom, "A reply that stays", under=hidden)
    planter.planted.items["toms"] = say(ideas["hidden"], tom, "What Tom says to it")

    planter.before_publication(held=True)
    for item in ("waiting", "declined"):
        planter.idea(item)
    planter.comment("waitingcomment", older)
    planter.comment("declinedcomment", older)
    planter.before_publication(held=False)
    assert olga.is_organiser
    planter.planted.screens = hold_workshops(city, ideas["hidden"], by=olga, with_people=(mo,))
    return planter.planted


def number_from(first: int) -> None:
    """Let the next ideas and comments have numbers from here on."""
    for table, start in (("ideas", first), ("comments", first + 1000)):
        if database_kind() == "sqlite":
            run_sql("DELETE FROM sqlite_sequence WHERE name = :name", name=table)
            run_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)", name=table, seq=start)
        else:
            run_sql(f"SELECT setval('{table}_id_seq', {start})")
