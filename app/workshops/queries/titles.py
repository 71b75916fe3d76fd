"""Titles of ideas, looked up when they are shown: only of what is public at that moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.groups import GROUPS, group_label
from app.cities.models import City
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url


@dataclass(frozen=True)
class Titled:
    """A public idea to link to."""

    id: int
    title: str
    language: str
    url: str


def titles_of(city: City, idea_ids: Collection[int]) -> dict[int, Titled]:
    """Those of these ideas that everybody may see now, by id. One query."""
    rows = db.session.execute(
        select(Idea.id, Idea.title, Idea.language).where(
            Idea.id.in_(list(idea_ids)), Idea.city_id == city.id, Idea.state == "published"
        )
    )
    return {
        idea_id: Titled(idea_id, title, language, idea_url(city.slug, idea_id, title))
        for idea_id, title, language in rows
    }


def labels_of(groups: Collection[str]) -> dict[str, str]:
    """The names of these stakeholder groups, in the order in which groups are always shown."""
    return {group: str(group_label(group)) for group in GROUPS if group in groups}
