"""The messages of a board's changes: the same for the socket and for a page that catches up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.cities.models import Change
from app.core.extensions import db
from app.ideas.events import (
    AUTHOR_CHANGED,
    COMMENT_POSTED,
    COMMENT_WITHDRAWN,
    IDEA_EDITED,
    IDEA_MODERATED,
    IDEA_POSTED,
    IDEA_WITHDRAWN,
)
from app.ideas.models import Comment
from app.ideas.queries.cards import published_cards
from app.ideas.queries.page import article_of, public_comments
from app.ideas.queries.rendering import article_html, card_html, comment_html
from app.ideas.queries.views import IdeaCard

Message = dict[str, Any]


@dataclass(frozen=True)
class Missed:
    """What a page has missed: `too_old` where the changes in between are no longer kept, or do not say all."""

    seq: int
    changes: tuple[Change, ...] = ()
    too_old: bool = False


def missed_since(city_id: int, seq: int, since: int, idea_id: int | None = None) -> Missed:
    """The changes of a board (of one idea) after number `since`, ascending, up to `seq`, its present number."""
    if since > seq:  # a page from before the database was restored: what it knows never happened
        return Missed(seq, too_old=True)
    if since == seq:
        return Missed(seq)
    oldest = db.session.scalar(select(func.min(Change.number)).where(Change.city_id == city_id))
    if oldest is None or since < oldest - 1:
        return Missed(seq, too_old=True)
    query = select(Change).where(Change.city_id == city_id, Change.number > since, Change.number <= seq)
    if idea_id is not None:
        query = query.where(Change.idea_id == idea_id)
    changes = tuple(db.session.scalars(query.order_by(Change.number)))
    return Missed(seq, changes, too_old=idea_id is not None and _came_back(changes))


def _came_back(changes: Sequence[Change]) -> bool:
    """Whether an idea was taken away and shown again: what happened to its comments in between has no number."""
    kinds = [change.kind for change in changes]
    return IDEA_WITHDRAWN in kinds and IDEA_POSTED in kinds[kinds.index(IDEA_WITHDRAWN) :]


def board_messages(missed: Missed) -> list[Message]:
    """One message an idea, in the order of their last changes, showing each as it is now."""
    latest: dict[int, Change] = {}
    posted = {change.idea_id for change in missed.changes if change.kind == IDEA_POSTED}
    for change in missed.changes:
        latest.pop(change.idea_id, None)
        latest[change.idea_id] = change
    cards = {card.id: card for card in published_cards(list(latest))}
    never_seen = _begun_with(missed, IDEA_POSTED) - set(cards)
    public = _public_among([change.comment_id for change in latest.values()])
    return [
        board_message(
            number=change.number,
            kind=IDEA_POSTED if idea_id in posted else change.kind,
            idea_id=idea_id,
            comment_id=change.comment_id if change.comment_id in public else None,
            card=cards.get(idea_id),
        )
        for idea_id, change in latest.items()
        if idea_id not in never_seen
    ]


def _begun_with(missed: Missed, kind: str) -> set[int]:
    """The ideas that the page cannot know: the first thing it missed of them is that they became public.

    Where they are not public any more, not even their number is told.
    """
    first: dict[int, str] = {}
    for change in missed.changes:
        first.setdefault(change.idea_id, change.kind)
    return {idea_id for idea_id, first_kind in first.items() if first_kind == kind}


def idea_messages(missed: Missed) -> list[Message]:
    """One message for the idea itself, if it changed, and one a comment, each as it is now.

    `missed` is of one idea. A constant number of queries, whatever was missed.
    """
    latest: dict[int | None, Change] = {}
    for change in missed.changes:
        latest.pop(change.comment_id, None)
        latest[change.comment_id] = change
    if not latest:
        return []
    # A comment that became public while the page was away, and is not any more, was never seen: not even its number.
    first: dict[int | None, str] = {}
    for change in missed.changes:
        first.setdefault(change.comment_id, change.kind)
    public = _public_among(list(latest))
    steps = [
        (change.number, change.number - 1, change.kind, comment_id)
        for comment_id, change in latest.items()
        if comment_id is None or first[comment_id] != COMMENT_POSTED or comment_id in public
    ]
    return _of_idea(missed.changes[0].idea_id, steps)


def board_message(
    *, number: int, kind: str, idea_id: int, comment_id: int | None, card: IdeaCard | None
) -> Message:
    """What a board's page hears of a change; without a card the idea is no longer public."""
    return {
        "seq": number,
        "prev": number - 1,
        "kind": kind if card else IDEA_WITHDRAWN,
        "idea": idea_id,
        "comment": comment_id,
        "facts": _facts(card) if card else None,
        "title": card.title if card else None,
        "card": card_html(card) if card else None,
        "article": None,
        "comment_html": None,
        "parent": None,
    }


def idea_message(*, number: int, previous: int, kind: str, idea_id: int, comment_id: int | None) -> Message:
    """What an idea's page hears of a change of that idea or of one of its comments."""
    return _of_idea(idea_id, [(number, previous, kind, comment_id)])[0]


def _of_idea(idea_id: int, steps: Sequence[tuple[int, int, str, int | None]]) -> list[Message]:
    """The messages of (number, previous number, kind, comment's id)."""
    card = next(iter(published_cards([idea_id])), None)
    comment_ids = [comment_id for *_, comment_id in steps if comment_id is not None] if card else []
    comments = public_comments(idea_id, comment_ids, card.time_zone) if card and comment_ids else {}
    parents = _parents_of(comment_ids)
    messages = []
    for number, previous, kind, comment_id in steps:
        comment = comments.get(comment_id) if comment_id is not None else None
        if card is None:
            kind = IDEA_WITHDRAWN
        elif comment_id is not None and comment is None:
            kind = COMMENT_WITHDRAWN
        shows_article = comment_id is None and kind in (
            IDEA_POSTED,
            IDEA_EDITED,
            IDEA_MODERATED,
            AUTHOR_CHANGED,
        )
        messages.append(
            {
                "seq": number,
                "prev": previous,
                "kind": kind,
                "idea": idea_id,
                "comment": comment_id if card else None,
                "facts": _facts(card) if card else None,
                "title": card.title if card else None,
                "card": None,
                "article": article_html(article_of(card)) if card and shows_article else None,
                "comment_html": comment_html(comment) if comment else None,
                "parent": parents.get(comment_id) if comment_id is not None else None,
                "comments": card.comments if card else None,
            }
        )
    return messages


def _public_among(comment_ids: Sequence[int | None]) -> set[int]:
    """Those of these comments that everybody may know of."""
    wanted = [comment_id for comment_id in comment_ids if comment_id is not None]
    if not wanted:
        return set()
    return set(
        db.session.scalars(select(Comment.id).where(Comment.id.in_(wanted), Comment.state == "published"))
    )


def _parents_of(comment_ids: Sequence[int]) -> dict[int, int | None]:
    if not comment_ids:
        return {}
    rows = db.session.execute(select(Comment.id, Comment.parent_id).where(Comment.id.in_(comment_ids)))
    return dict(rows.all())


def _facts(card: IdeaCard) -> dict[str, Any]:
    return {
        "kind": card.kind,
        "themes": [theme.key for theme in card.themes],
        "status": card.status,
        "workshop": [card.workshop, "paper"] if card.came_from == "paper" else [card.workshop],
        "group": card.author.group,
        "author": card.author.id,
    }
