"""The sample content of a fresh start: put onto the boards, and taken off without a trace."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, delete, or_, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.cities.actions.numbering import record_change
from app.cities.models import City, Participation, Theme, Workshop
from app.core.announce import announce
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import lock_ideas, note_change
from app.ideas.actions.filling import (
    Content,
    NewComment,
    NewIdea,
    NewPerson,
    NewUpvote,
    fill_board,
)
from app.ideas.actions.indexing import forget_ideas
from app.ideas.actions.upvoting import work_out_heat
from app.ideas.events import (
    COMMENT_EDITED,
    COMMENT_WITHDRAWN,
    IDEA_WITHDRAWN,
    BoardChanged,
    IdeasLeaving,
    UpvotesChanged,
)
from app.ideas.models import Comment, Idea, Upvote

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
    """Take all sample content and its participants off the boards. Returns how many ideas went.

    What people wrote below a sample idea goes with it, as do their upvotes there. Where a sample participant
    is found on somebody's own idea, only their part goes: replies to it move up, the counters are made right.
    Every open page hears of each idea that went.
    """
    at = at or now()
    with unit_of_work():
        samples = select(User.id).where(User.origin == "sample")
        ours = select(Idea.id).where(Idea.author_id.in_(samples)).order_by(Idea.id)
        _lock_all(samples)
        gone = list(db.session.scalars(ours))
        announce(IdeasLeaving(tuple(gone)))
        _leave_real_ideas(samples, at)
        ideas = db.session.execute(
            select(Idea.id, Idea.city_id, Idea.last_change).where(
                Idea.id.in_(gone), Idea.state == "published"
            )
        ).all()
        guests = _guests(gone)
        forget_ideas(gone)
        db.session.execute(delete(Idea).where(Idea.author_id.in_(samples)))
        db.session.execute(delete(User).where(User.origin == "sample"))
        _forget_participations(guests)
        for idea in ideas:
            number = record_change(idea.city_id, IDEA_WITHDRAWN, idea.id, None, at)
            announce(BoardChanged(idea.city_id, number, idea.last_change, IDEA_WITHDRAWN, idea.id, None))
        db.session.expire_all()
    return len(gone)


def _lock_all(samples: Select[int]) -> None:
    """Everything this touches, in the order of the house, so that nobody who upvotes meanwhile waits for ever."""
    boards = select(Idea.city_id).where(Idea.author_id.in_(samples))
    db.session.execute(
        select(Participation.user_id)
        .where(Participation.city_id.in_(boards))
        .order_by(Participation.city_id, Participation.user_id)
        .with_for_update()
    )
    merged = aliased(Idea)
    lock_ideas(
        select(Idea.id).where(
            or_(
                Idea.author_id.in_(samples),
                Idea.id.in_(select(Comment.idea_id).where(Comment.author_id.in_(samples))),
                Idea.id.in_(select(Upvote.idea_id).where(Upvote.user_id.in_(samples))),
                Idea.state == "merged",
                Idea.id.in_(select(merged.merged_into_id).where(merged.merged_into_id.is_not(None))),
            )
        )
    )


def _leave_real_ideas(samples: Select[int], at: datetime) -> None:
    """Sample participants' comments and upvotes on ideas that stay."""
    comments = db.session.scalars(
        select(Comment)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.author_id.in_(samples), Idea.author_id.not_in(samples))
        .order_by(Comment.id)
    ).all()
    for comment in comments:
        replies = select(Comment).where(Comment.parent_id == comment.id, Comment.author_id.not_in(samples))
        for reply in db.session.scalars(replies).all():
            reply.parent_id = None
            reply.version += 1
            if reply.state == "published":
                note_change(reply.idea, COMMENT_EDITED, at=at, comment_id=reply.id)
    touched: dict[int, Idea] = {}
    for comment in comments:
        idea, published = comment.idea, comment.state == "published"
        db.session.execute(delete(Comment).where(Comment.id == comment.id))
        idea.comment_count -= published
        if published:
            note_change(idea, COMMENT_WITHDRAWN, at=at, comment_id=comment.id)
        touched[idea.id] = idea
    upvotes = db.session.execute(
        select(Upvote, Idea)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.user_id.in_(samples), Idea.author_id.not_in(samples))
    ).all()
    for upvote, idea in upvotes:
        idea.upvote_count -= upvote.is_counted
        announce(UpvotesChanged(idea.city_id, idea.id, upvote.user_id, False))
        db.session.delete(upvote)
        touched[idea.id] = idea
    for idea in touched.values():
        work_out_heat(idea)


def _guests(idea_ids: list[int]) -> list[tuple[int, int]]:
    """Cities and people: who commented on or upvoted one of these ideas there."""
    wrote = select(Idea.city_id, Comment.author_id).join(Comment, Comment.idea_id == Idea.id)
    upvoted = select(Idea.city_id, Upvote.user_id).join(Upvote, Upvote.idea_id == Idea.id)
    pairs = union(wrote.where(Idea.id.in_(idea_ids)), upvoted.where(Idea.id.in_(idea_ids)))
    return list(db.session.execute(pairs).all())


def _forget_participations(guests: list[tuple[int, int]]) -> None:
    """People who have nothing left on a board are no longer counted among its people."""
    for city_id, user_id in guests:
        here = Idea.city_id == city_id
        acts = (
            select(Idea.id).where(here, Idea.author_id == user_id),
            select(Idea.id)
            .join(Comment, Comment.idea_id == Idea.id)
            .where(here, Comment.author_id == user_id),
            select(Idea.id).join(Upvote, Upvote.idea_id == Idea.id).where(here, Upvote.user_id == user_id),
        )
        if not any(db.session.scalar(act.limit(1)) for act in acts):
            db.session.execute(
                delete(Participation).where(
                    Participation.city_id == city_id, Participation.user_id == user_id
                )
            )
