"""A page of the board in plain Python: it knows nothing but what it first showed and what it has been told.

The rules are those of the pages' scripts: `seq <= last` is old, `prev <= last` is next, anything else waits for the
missing one or for the answer of `changes?since=`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from app.cities.models import City
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.board import board_page, figures
from app.ideas.queries.filters import BoardFilter
from app.ideas.queries.page import article_of, card_of, threads_of
from app.ideas.queries.rendering import article_html, card_html, comment_html
from tests.clients import Client

_COUNT = re.compile(r'(data-upvotes="\d+"[^>]*>)\s*([\d.,\s]+?)\s*(<)')
_AGE = re.compile(r"(<time[^>]*>)[^<]*(</time>)")
_VERSION = re.compile(r' data-version="\d+"')


def shown(html: str) -> str:
    """A part without what the page keeps up by itself: its count, which travels alone, and its age."""
    return _AGE.sub(r"\1\2", _COUNT.sub(r"\1\3", html))


def article(html: str) -> str:
    """An idea's text. Its version also rises with each comment, which brings no new text."""
    return _VERSION.sub("", shown(html))


def count_in(html: str) -> int:
    """The count that a card shows."""
    found = _COUNT.search(html)
    assert found, html
    return int(re.sub(r"\D", "", found[2]))


@dataclass
class Twin:
    """What the page shows: `parts` (cards, or an article and its comments), counts, figures; and how far it is."""

    last: int
    parts: dict[Any, str]
    counts: dict[int, int]
    figures: dict[str, int] | None = None
    held: dict[int, dict[str, Any]] = field(default_factory=dict)
    idea: int | None = None
    is_gone: bool = False
    """An idea's page whose idea was taken away offers to load it again, and shows no more until then."""

    def hear(self, name: str, message: dict[str, Any]) -> None:
        """A message of the socket."""
        if name == "counts":
            self.count({int(key): count for key, count in message["counts"].items()})
            self.figures = message["figures"]
        if name != "change" or message["seq"] <= self.last:
            return
        self.held[message["seq"]] = message
        while ready := [one for one in self.held.values() if one["prev"] <= self.last]:
            first = min(ready, key=lambda one: one["seq"])
            del self.held[first["seq"]]
            if first["seq"] > self.last:
                self.apply(first)
                self.last = first["seq"]

    def count(self, counts: dict[int, int]) -> None:
        """Numbers change where they stand; those of ideas that are not on the page are of no use."""
        self.counts.update({key: count for key, count in counts.items() if key in self.counts})

    def apply(self, message: dict[str, Any]) -> None:
        """Show what a change says."""
        if self.idea is not None:
            self._apply_to_idea(message)
        elif message["card"] is None:
            self.parts.pop(message["idea"], None)
            self.counts.pop(message["idea"], None)
        else:
            self.parts[message["idea"]] = shown(message["card"])
            self.counts[message["idea"]] = count_in(message["card"])

    def _apply_to_idea(self, message: dict[str, Any]) -> None:
        if message["idea"] != self.idea:
            raise AssertionError(f"a page of idea {self.idea} heard of idea {message['idea']}")
        if message["kind"] == "idea_withdrawn":
            self.parts.clear()
            self.is_gone = True
        if self.is_gone:
            return
        if message["article"] is not None:
            self.parts["article"] = article(message["article"])
        if message["comment"] is not None:
            if message["comment_html"] is None:
                self.parts.pop(message["comment"], None)
            else:
                self.parts[message["comment"]] = shown(message["comment_html"])

    def catch_up(self, client: Client, city: str) -> bool:
        """Ask what was missed. Returns False where the page would have to load anew."""
        pairs = ",".join(f"{key}:{count}" for key, count in self.counts.items())
        about = f"&idea={self.idea}" if self.idea is not None else ""
        response = client.get(f"/{city}/changes?since={self.last}&shown={pairs}{about}")
        if response.status_code == 204:
            return True
        answer = response.get_json()
        if answer.get("reload"):
            return False
        for message in answer["changes"]:
            self.apply(message)
        self.count({int(key): count for key, count in answer["counts"].items()})
        self.last, self.figures, self.held = answer["seq"], answer["figures"], {}
        return True


def fresh_board(city: City) -> Twin:
    """The board's page as it loads now."""
    db.session.rollback()
    db.session.refresh(city)
    page = board_page(city, BoardFilter(city.slug, sort="newest"))
    assert page.next_url is None
    numbers, cards = figures(city.id), (*page.pinned, *page.cards)
    return Twin(
        last=city.seq,
        parts={card.id: shown(card_html(card)) for card in cards},
        counts={card.id: card.upvotes for card in cards},
        figures={"ideas": numbers.ideas, "upvotes": numbers.upvotes, "people": numbers.people},
    )


def fresh_idea(city: City, idea_id: int) -> Twin:
    """The idea's page as it loads now; empty where it is not public any more."""
    db.session.rollback()
    db.session.refresh(city)
    idea = db.session.get_one(Idea, idea_id)
    twin = Twin(last=city.seq, parts={}, counts={idea_id: idea.upvote_count}, idea=idea_id)
    if idea.state == "published":
        twin.parts["article"] = article(article_html(article_of(card_of(idea_id))))
        for thread in threads_of(idea_id, city.time_zone):
            for comment in (thread.comment, *thread.replies):
                if comment.state == "published":
                    twin.parts[comment.id] = shown(comment_html(comment))
    return twin
