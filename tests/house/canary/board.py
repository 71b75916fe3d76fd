"""Who asks and who listens while moderators act, and what they may not meet at that moment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask

from app.accounts.models import User
from app.core.extensions import db
from tests.clients import Client, Socket
from tests.house.canary.asking import Answer, addresses, after_an_act, ask, of_ones_own
from tests.house.canary.planting import Planted, word

PLACES = ("title", "text", "revision", "answer", "name", "company")
NEVER_PUBLIC = ("waiting", "declined", "waitingcomment", "declinedcomment")
"""Not even their numbers are known to anybody else before they are approved."""
ITEMS = (
    *("hidden", "reported", "merged", "target", "withdrawn"),
    *("onhidden", "onmerged", "hiddencomment", "reportedcomment"),
    *NEVER_PUBLIC,
)
PRIVATE = {word(item, "mail") for item in (*ITEMS, "upvoter")} | {word("upvoter", "name")}
"""E-mail addresses, and who upvoted: for organisers only."""
OF_MODERATORS = {word("draft", "text"), word("report", "text"), word("objection", "text")}
WITHDRAWN = {word("withdrawn", place) for place in ("title", "text", "revision")}
UNSEEN = {word(item, "revision") for item in NEVER_PUBLIC}
"""What was changed before anybody else could read it."""


def words_of(items: Iterable[str], places: Iterable[str] = PLACES) -> set[str]:
    """The words that stand in these places of these items."""
    return {word(item, place) for item in items for place in tuple(places)}


class Board:
    """What has been planted, the people around it with their open pages, and what is secret now."""

    def __init__(
        self,
        app: Flask,
        planted: Planted,
        signed_in: Callable[[User], Client],
        socket: Callable[..., Socket],
        settle: Callable[[], None],
    ) -> None:
        self.app, self.planted, self.settle, self.socket = app, planted, settle, socket
        self.people, self.items = planted.people, planted.items
        self.secret = set(NEVER_PUBLIC)
        self.is_watched = False
        nobody: Any = app.test_client()
        self.clients: dict[str, Client] = {"nobody": nobody}
        for name in ("tom", "omar", "mo", "olga"):
            self.clients[name] = signed_in(self.people[name])
        self.clients["author"] = signed_in(self.items["hidden"].author)
        self.pages: dict[str, Socket] = {}

    def watch(self) -> None:
        """Open pages of all kinds, and look at them and at everything else after each act."""
        self.is_watched = True
        for language in ("en", "de", "zh"):
            self._open(f"board in {language}", "nobody", city="rotterdam", language=language)
        for item in ("older", "hidden", "reported", "merged", "target"):
            self._open(f"page of {item}", "nobody", city="rotterdam", idea=self.items[item].id)
        self._open("tom's board", "tom", city="rotterdam")
        for mode, token in self.planted.screens.items():
            self._open(f"screen of {mode}", "nobody", city="rotterdam", screen=token)
        self._open("omar's queue", "omar", city="berlin", queue=True)
        self._open("queue", "mo", city="rotterdam", queue=True)
        self.look()

    def _open(self, called: str, whose: str, **asked: Any) -> None:
        self.pages[called] = page = self.socket(client=self.clients[whose])
        assert page.watch(**asked)["ok"], called

    def do(self, act: Callable[[], Any], *, hides: Iterable[str] = (), shows: Iterable[str] = ()) -> Any:
        """Act, and see that nobody hears or reads of it what they may not know."""
        done = act()
        self.secret = self.secret - set(shows) | set(hides)
        if self.is_watched:
            self.settle()
            self.look()
        return done

    def look(self) -> None:
        """Whatever was heard, and whatever is read now, holds nothing secret."""
        db.session.refresh(self.planted.city)
        for name, page in self.pages.items():
            heard = page.heard()
            self.check(name, Answer(name, 200, json.dumps(heard, ensure_ascii=False)))
            if name == "queue":
                said = Answer(name, 200, json.dumps(heard, ensure_ascii=False)).words
                assert said == set(), "a queue says numbers of rows only"
        for url in after_an_act(self.planted):
            self.check("nobody", ask(self.clients["nobody"], url))
        for url in of_ones_own(self.planted):
            self.check("tom", ask(self.clients["tom"], url))

    def check(self, name: str, answer: Answer) -> None:
        """Nobody but moderators may meet these, and an author of their own item."""
        forbidden = words_of(self.secret) | OF_MODERATORS | PRIVATE | UNSEEN
        assert answer.words & forbidden == set(), f"{name}: {answer.url}"
        assert answer.numbers & self._unknown_numbers(name, answer.url) == set(), f"{name}: {answer.url}"

    def _unknown_numbers(self, name: str, url: str) -> set[int]:
        """What was never public has no number for anybody. What was is told only to pages that knew it: to go."""
        knew_it = name != "nobody" or not url.startswith("/") or re.search(r"since=[1-9]", url)
        left_a_mark = {"hiddencomment"}  # since somebody replied to it
        items = set(NEVER_PUBLIC) if knew_it else set(ITEMS) - left_a_mark
        return {self.items[item].id for item in items & self.secret}

    def answers(self, name: str, headers: dict[str, str]) -> Iterator[Answer]:
        """What comes back from every address there is."""
        for url in addresses(self.app, self.planted):
            yield ask(self.clients[name], url, headers)
