"""What was said on a board, sorted into the parts of its way: before the workshops, in each of them, and since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from app.accounts.models import User
from app.cities.models import City, Participation
from app.core.extensions import db
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote
from app.workshops.queries.paper import counted_on_paper_in


@dataclass
class Said:
    """Public ideas posted, comments, upvotes that count, and who took part, by stakeholder group."""

    ideas: int = 0
    on_paper: int = 0
    """Of the ideas."""
    comments: int = 0
    on_paper_upvotes: int = 0
    upvotes: Counter[int] = field(default_factory=Counter)
    """By idea, those on paper among them."""
    themes: Counter[int] = field(default_factory=Counter)
    """Ideas by theme."""
    people: dict[str, set[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything was said."""
        return bool(self.ideas or self.comments or self.upvotes)


def said_on(city: City) -> dict[str, Said]:
    """By part: `before`, a workshop's number, `since`. Nine queries, and two for each workshop."""
    numbers = {one.id: str(one.number) for one in city.workshops}
    found = {key: Said() for key in ("before", *numbers.values(), "since")}
    begins = _first_begins(city)

    themes, groups = _themes_of(city), _groups_of(city)

    def part(of: list[Any]) -> Said:
        workshop_id, is_since = of
        return found[numbers.get(workshop_id) or ("since" if is_since else "before")]

    on_paper_too = func.sum(case((Idea.on_paper, 1), else_=0))
    for *of, ideas, on_paper in _rows(city, Idea, begins, func.count(), on_paper_too):
        part(of).ideas += ideas
        part(of).on_paper += int(on_paper)
    for *of, idea_id in _rows(city, Idea, begins, by=(Idea.id,)):
        part(of).themes.update(themes.get(idea_id, ()))
    for *of, comments in _rows(city, Comment, begins, func.count()):
        part(of).comments += comments
    for *of, idea_id, upvotes in _rows(city, Upvote, begins, func.count(), by=(Upvote.idea_id,)):
        part(of).upvotes[idea_id] += upvotes
    for table, author in ((Idea, Idea.author_id), (Comment, Comment.author_id), (Upvote, Upvote.user_id)):
        for *of, user_id in _rows(city, table, begins, by=(author,)):
            if user_id in groups:
                part(of).people.setdefault(groups[user_id], set()).add(user_id)
    for workshop_id, number in numbers.items():
        on_paper = counted_on_paper_in(workshop_id)
        found[number].upvotes.update(on_paper)
        found[number].on_paper_upvotes = sum(on_paper.values())
    return found


def _themes_of(city: City) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = db.session.execute(
        select(IdeaTheme.idea_id, IdeaTheme.theme_id)
        .join(Idea, Idea.id == IdeaTheme.idea_id)
        .where(Idea.city_id == city.id, Idea.state == "published")
    )
    for idea_id, theme_id in rows:
        found.setdefault(idea_id, []).append(theme_id)
    return found


def _groups_of(city: City) -> dict[int, str]:
    """The stakeholder groups of the people of the board; who lends a name to what is on paper is nobody."""
    rows = db.session.execute(
        select(User.id, User.group)
        .join(Participation, Participation.user_id == User.id)
        .where(
            Participation.city_id == city.id,
            User.import_key.is_(None) | User.import_key.not_like("paper/%"),
        )
    )
    return dict(rows.all())


def _first_begins(city: City) -> datetime | None:
    """When the first workshop was opened, or is to begin; None where that is not known."""
    known = [begins for one in city.workshops if (begins := one.opened_at or one.starts_at)]
    return min(known, default=None)


def _rows(
    city: City, table: Any, begins: datetime | None, *counts: Any, by: tuple[Any, ...] = ()
) -> Iterator[Any]:
    """Counts of public rows of `table`, by workshop, by whether they came after the first one began, and `by`."""
    came_since = (table.created_at >= begins) if begins else (Idea.id < 0)
    columns = (table.workshop_id, case((came_since, 1), else_=0).label("came_since"), *by)
    query: Select[Any] = select(*columns, *counts).where(Idea.city_id == city.id, Idea.state == "published")
    if table is Comment:
        query = query.join(Idea, Idea.id == Comment.idea_id).where(Comment.state == "published")
    elif table is Upvote:
        query = query.join(Idea, Idea.id == Upvote.idea_id).where(Upvote.is_counted.is_(True))
    # By the name: PostgreSQL would take the same moment sent twice for two expressions.
    return iter(db.session.execute(query.group_by(table.workshop_id, "came_since", *by)).all())
