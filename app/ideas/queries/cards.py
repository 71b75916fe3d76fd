"""Cards: the same view of an idea for pages, pushes and catch-up, in three queries whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, url_for
from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import defer

from app.accounts.models import User
from app.accounts.queries import AuthorView, author_view
from app.cities.models import City, Workshop
from app.cities.queries import ThemeView, all_themes
from app.core.extensions import db
from app.core.text import slugify
from app.ideas.models import Idea, IdeaTheme
from app.ideas.queries.views import IdeaCard

VIEWS_KEPT = 20_000


def card_query() -> Any:
    """What a card needs, to be narrowed, ordered and cut."""
    return (
        select(Idea, City.slug, City.time_zone, Workshop.number, User)
        .join(City, City.id == Idea.city_id)
        .join(User, User.id == Idea.author_id)
        .outerjoin(Workshop, Workshop.id == Idea.workshop_id)
        .options(defer(Idea.text))
    )


def idea_url(city_slug: str, idea_id: int, title: str) -> str:
    """An idea's address."""
    return url_for("ideas.idea", city=city_slug, idea_id=idea_id, words=slugify(title))


def cards_of(rows: Sequence[Any], themes: Sequence[ThemeView] | None = None) -> list[IdeaCard]:
    """The cards of `card_query` rows, in their order."""
    if not rows:
        return []
    named = {theme.id: theme for theme in (all_themes() if themes is None else themes)}
    chosen: dict[int, list[ThemeView]] = {row[0].id: [] for row in rows}
    for idea_id, theme_id in db.session.execute(
        select(IdeaTheme.idea_id, IdeaTheme.theme_id)
        .where(IdeaTheme.idea_id.in_(chosen))
        .order_by(IdeaTheme.idea_id, IdeaTheme.position)
    ):
        if theme_id in named:
            chosen[idea_id].append(named[theme_id])
    merged = _authors_merged_into(list(chosen))
    return [_card(row, tuple(chosen[row[0].id]), merged.get(row[0].id, ())) for row in rows]


def _authors_merged_into(idea_ids: Sequence[int]) -> dict[int, tuple[AuthorView, ...]]:
    """Who wrote what was merged into these ideas, through however many merges, each person once an idea."""
    found: dict[int, list[AuthorView]] = {}
    targets = {idea_id: idea_id for idea_id in idea_ids}
    while targets:
        rows: Sequence[Any] = db.session.execute(
            select(Idea.id, Idea.merged_into_id, User)
            .join(User, User.id == Idea.author_id)
            .where(Idea.merged_into_id.in_(targets), Idea.state == "merged")
            .order_by(Idea.id)
        ).all()
        for _duplicate, into_id, author in rows:
            authors = found.setdefault(targets[into_id], [])
            if author.id not in {known.id for known in authors}:
                authors.append(author_view(author))
        targets = {duplicate: targets[into_id] for duplicate, into_id, _author in rows}
    return {idea_id: tuple(authors) for idea_id, authors in found.items()}


def _card(row: Any, themes: tuple[ThemeView, ...], also_by: tuple[AuthorView, ...]) -> IdeaCard:
    idea: Idea = row[0]
    slug, time_zone, workshop_number = row[1:4]
    author = author_view(row[4])
    return IdeaCard(
        id=idea.id,
        city_id=idea.city_id,
        city_slug=slug,
        url=idea_url(slug, idea.id, idea.title),
        version=idea.version,
        last_change=idea.last_change,
        kind=idea.kind,
        title=idea.title,
        excerpt=idea.excerpt,
        language=idea.language,
        themes=themes,
        author=author,
        came_from="paper" if idea.on_paper else "workshop" if workshop_number else "online",
        workshop_number=workshop_number,
        status=idea.status,
        state=idea.state,
        upvotes=idea.upvote_count,
        comments=idea.comment_count,
        created_at=idea.created_at,
        edited_at=idea.edited_at,
        is_sample=author.is_sample,
        time_zone=time_zone,
        is_locked=idea.is_locked,
        is_pinned=idea.pinned_at is not None,
        is_answered=idea.answered_at is not None,
        also_by=tuple(other for other in also_by if other.id != author.id),
    )


def cards_standing(
    standing: Sequence[tuple[int, int, int]], themes: Sequence[ThemeView] | None = None
) -> list[IdeaCard]:
    """The cards of (id, version, upvotes), in this order.

    What a card says changes with its version only, so one that was read in this version is not read again.
    """
    kept: dict[tuple[int, str], IdeaCard] = current_app.extensions.setdefault("kept_views", {})
    language = str(get_locale())
    found = {}
    for idea_id, version, _upvotes in standing:
        card = kept.get((idea_id, language))
        found[idea_id] = card if card is not None and card.version == version else None
    missing = [idea_id for idea_id, card in found.items() if card is None]
    if missing:
        rows = db.session.execute(card_query().where(Idea.id.in_(missing))).all()
        for read in cards_of(rows, themes):
            found[read.id] = kept[read.id, language] = read
    while len(kept) > VIEWS_KEPT:
        kept.pop(next(iter(kept)), None)
    return [
        card if card.upvotes == upvotes else replace(card, upvotes=upvotes)
        for idea_id, _version, upvotes in standing
        if (card := found[idea_id]) is not None
    ]


def published_cards(idea_ids: Sequence[int]) -> list[IdeaCard]:
    """The public ones of these ideas, in the order of `idea_ids`."""
    rows = db.session.execute(card_query().where(Idea.id.in_(idea_ids), Idea.state == "published")).all()
    found = {card.id: card for card in cards_of(rows)}
    return [found[idea_id] for idea_id in idea_ids if idea_id in found]
