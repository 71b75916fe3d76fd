"""What the page shows on which two ideas become one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import func, select

from app.core.extensions import db
from app.core.text import markdown
from app.ideas.models import Idea, Upvote
from app.ideas.queries.cards import published_cards
from app.ideas.queries.search import matching, similar_ids
from app.ideas.queries.views import IdeaCard

SUGGESTED = 10
_NUMBER = re.compile(r"(?:#|/ideas/|^)(\d{1,9})(?:\D|$)")


@dataclass(frozen=True)
class MergeSide:
    """One of the two ideas, with its text."""

    idea: IdeaCard
    body_html: Markup


@dataclass(frozen=True)
class MergedView:
    """An idea that is part of another."""

    id: int
    title: str
    language: str


@dataclass(frozen=True)
class MergePreview:
    """What merging these two would come to."""

    duplicate: MergeSide
    target: MergeSide
    upvotes_then: int
    comments_then: int


def suggestions(idea: Idea, q: str) -> tuple[IdeaCard, ...]:
    """Public ideas of the same board that may say the same, the most alike first.

    `q`: a moderator's own words, an idea's number or its address; empty: the idea's title.
    """
    found = similar_ids(idea.city_id, q or idea.title, leaving_out=idea.id, most=SUGGESTED)
    if q:
        found = [*_by_number(idea, q), *found, *_by_words(idea, q)]
    return tuple(published_cards(list(dict.fromkeys(found))[:SUGGESTED]))


def _by_number(idea: Idea, q: str) -> list[int]:
    named = _NUMBER.search(q)
    if named is None:
        return []
    wanted = select(Idea.id).where(
        Idea.id == int(named[1]), Idea.city_id == idea.city_id, Idea.state == "published", Idea.id != idea.id
    )
    return list(db.session.scalars(wanted))


def _by_words(idea: Idea, q: str) -> list[int]:
    holds = matching(q)
    if holds is None:
        return []
    wanted = select(Idea.id).where(
        holds, Idea.city_id == idea.city_id, Idea.state == "published", Idea.id != idea.id
    )
    return list(db.session.scalars(wanted.order_by(Idea.upvote_count.desc(), Idea.id).limit(SUGGESTED)))


def preview(duplicate: Idea, target: Idea) -> MergePreview:
    """Both ideas side by side, and the numbers of the one they would become."""
    cards = {card.id: card for card in published_cards([duplicate.id, target.id])}
    return MergePreview(
        duplicate=MergeSide(cards[duplicate.id], markdown(duplicate.text)),
        target=MergeSide(cards[target.id], markdown(target.text)),
        upvotes_then=upvotes_together(duplicate, target),
        comments_then=duplicate.comment_count + target.comment_count,
    )


def merged_into(idea: Idea) -> tuple[MergedView, ...]:
    """The ideas that are part of this one, by title."""
    rows = db.session.execute(
        select(Idea.id, Idea.title, Idea.language)
        .where(Idea.merged_into_id == idea.id, Idea.state == "merged")
        .order_by(Idea.title, Idea.id)
    )
    return tuple(MergedView(*row) for row in rows)


def upvotes_together(duplicate: Idea, target: Idea) -> int:
    """How many counted upvotes the merged idea has: everybody once, its author not at all."""
    return (
        db.session.scalar(
            select(func.count(func.distinct(Upvote.user_id))).where(
                Upvote.idea_id.in_((duplicate.id, target.id)),
                Upvote.is_counted.is_(True),
                Upvote.user_id != target.author_id,
            )
        )
        or 0
    )
