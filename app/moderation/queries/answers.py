"""Answers that are written and not published yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select

from app.cities.models import City
from app.core.extensions import db
from app.core.text import markdown
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url
from app.moderation.models import AnswerDraft


@dataclass(frozen=True)
class DraftView:
    """One draft, with the idea it answers. `can_go`: the idea is public, so the answer can be published."""

    idea_id: int
    title: str
    language: str
    url: str
    status: str
    body_html: Markup
    at: datetime
    time_zone: str
    can_go: bool


def drafts_of(city: City) -> tuple[DraftView, ...]:
    """The board's drafts, the latest first. One query."""
    rows = db.session.execute(
        select(AnswerDraft, Idea)
        .join(Idea, Idea.id == AnswerDraft.idea_id)
        .where(AnswerDraft.city_id == city.id)
        .order_by(AnswerDraft.at.desc(), AnswerDraft.idea_id)
    )
    return tuple(
        DraftView(
            idea_id=idea.id,
            title=idea.title,
            language=idea.language,
            url=idea_url(city.slug, idea.id, idea.title),
            status=draft.status,
            body_html=markdown(draft.text),
            at=draft.at,
            time_zone=city.time_zone,
            can_go=idea.is_published,
        )
        for draft, idea in rows
    )


def draft_for(idea_id: int) -> AnswerDraft | None:
    """What is written for this idea and not published yet."""
    return db.session.get(AnswerDraft, idea_id)
