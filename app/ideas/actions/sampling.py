"""The sample content of a fresh start: put onto the boards, and taken off without a trace."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.cities.models import City, Theme, Workshop
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.filling import (
    Content,
    NewComment,
    NewIdea,
    NewPerson,
    NewUpvote,
    fill_board,
)
from app.ideas.actions.leaving import leave_without_trace
from app.ideas.models import Idea

SAMPLES = Path(__file__).parent.parent / "samples"

LEANING = 0.4
"""How far the groups that lean towards an idea move up among its possible upvoters."""


def sample_files() -> list[Path]:
    """One file a city."""
    return sorted(SAMPLES.glob("*.toml"))


def load_sample(at: datetime | None = None) -> int:
    """Put the sample content onto the boards that exist and have none, as if written up to `at`. Returns its ideas.

    Ages are kept relative to `at`, so that the boards look alive whenever they are first opened.
    """
    at = at or now()
    loaded = 0
    with unit_of_work():
        themes = dict(db.session.execute(select(Theme.key, Theme.id)).all())
        for path in sample_files():
            sample = tomllib.loads(path.read_text(encoding="utf-8"))
            city = db.session.scalar(select(City).where(City.slug == sample["city"]))
            if city is None or _has_sample(city):
                continue
            content = _content(sample, city, themes, at)
            fill_board(city, content, at=at)
            loaded += len(content.ideas)
    return loaded


def _has_sample(city: City) -> bool:
    ours = Idea.import_key.startswith(f"sample/{city.slug}/", autoescape=True)
    return db.session.scalar(select(Idea.id).where(ours).limit(1)) is not None


def _content(sample: dict[str, Any], city: City, themes: dict[str, int], at: datetime) -> Content:
    def key(name: str) -> str:
        return f"sample/{city.slug}/{name}"

    of_city = select(Workshop.number, Workshop.id).where(Workshop.city_id == city.id)
    workshops = dict(db.session.execute(of_city).all())
    ideas = sorted(sample["ideas"], key=lambda idea: -idea["hours_ago"])
    begun = at - timedelta(hours=ideas[0]["hours_ago"] + 24)
    content = Content(origin="sample")
    for person in sample["participants"]:
        content.people.append(
            NewPerson(
                key=key(person["id"]),
                name=person["name"],
                group=person["group"],
                affiliation=person.get("affiliation"),
                language=person.get("language", sample["language"]),
                since=begun,
            )
        )
    for place, idea in enumerate(ideas, start=1):
        posted = at - timedelta(hours=idea["hours_ago"])
        name = key(f"idea-{place}")
        content.ideas.append(
            NewIdea(
                key=name,
                author=key(idea["by"]),
                kind=idea["kind"],
                title=idea["title"],
                text=_unwrapped(idea["text"]),
                theme_ids=[themes[theme] for theme in idea["themes"]],
                language=idea.get("language", sample["language"]),
                status=idea["status"],
                created_at=posted,
                workshop_id=workshops.get(idea.get("workshop")),
            )
        )
        for number, (comment, above) in enumerate(_comments(idea), start=1):
            content.comments.append(
                NewComment(
                    key=f"{name}-{number}",
                    idea=name,
                    thread=f"{name}-{above}" if above else None,
                    author=key(comment["by"]),
                    text=_unwrapped(comment["text"]),
                    stance=comment.get("stance"),
                    language=comment.get("language", sample["language"]),
                    created_at=posted + timedelta(hours=comment["after"]),
                )
            )
        for voter, share in _voters(idea, sample["participants"]):
            moment = posted + (at - posted) * share
            content.upvotes.append(NewUpvote(name, key(voter), moment))
    return content


def _unwrapped(text: str) -> str:
    """The text without the line breaks of its file: a paragraph is one line, a list keeps its lines."""
    blocks = (block.strip() for block in text.strip().split("\n\n"))
    return "\n\n".join(block if block.startswith("- ") else " ".join(block.split("\n")) for block in blocks)


def _comments(idea: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Each comment with the number (from 1, in this order) of the one it replies to, or 0."""
    number = 0
    for comment in idea.get("comments", ()):
        number += 1
        thread = number
        yield comment, 0
        for reply in comment.get("replies", ()):
            number += 1
            yield reply, thread


def _voters(idea: dict[str, Any], participants: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    """Who upvoted, and after which share of the idea's age: always the same people, leaning groups first."""

    def draw(person: dict[str, Any], what: str) -> float:
        drawn = hashlib.sha256(f"{what}|{idea['title']}|{person['id']}".encode()).digest()
        return int.from_bytes(drawn[:4], "big") / 2**32

    def rank(person: dict[str, Any]) -> float:
        return draw(person, "who") - (LEANING if person["group"] in idea.get("leaning", ()) else 0)

    others = sorted((person for person in participants if person["id"] != idea["by"]), key=rank)
    for person in others[: idea["upvotes"]]:
        yield person["id"], 0.02 + 0.96 * draw(person, "when") ** 2


def remove_sample(at: datetime | None = None) -> int:
    """Take all sample content and its participants off the boards, those who rehearse a workshop among them.

    Returns how many ideas went. What people wrote below a sample idea goes with it, as do their upvotes there.
    """
    with unit_of_work():
        return leave_without_trace(select(User.id).where(User.origin == "sample"), at or now())
