"""What the page of a rehearsal shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.cities.models import Attendance, City, Workshop
from app.cities.queries import CityView, city_view, workshop_label
from app.core.clock import now
from app.core.extensions import db
from app.ideas.models import Comment, Idea, Upvote
from app.workshops.actions.clearing import others_in, people_of_rehearsal
from app.workshops.actions.rehearsing import is_at_work
from app.workshops.models import Rehearsal
from app.workshops.queries.words import phase_name


@dataclass(frozen=True)
class RehearsalPage:
    """A workshop's rehearsal, as it is now."""

    city: CityView
    number: int
    label: str
    phase: str
    """In words; empty before the workshop is opened."""
    is_closed: bool
    is_at_work: bool
    was_cut_off: bool
    """Its process ended before it did."""
    until: datetime | None
    wanted: int
    silent: int
    joined: int
    ideas: int
    comments: int
    upvotes: int
    others: int
    """People who have joined and are not simulated."""

    @property
    def is_there(self) -> bool:
        """Whether there is something to remove."""
        return bool(self.joined or self.ideas)

    @property
    def waits(self) -> bool:
        """Whether its people wait at the door."""
        return self.is_at_work and not self.phase


def rehearsal_page(city: City, workshop: Workshop) -> RehearsalPage:
    """Everything on the page, counted in the database; the process at work may be another one."""
    at = now()
    row = db.session.get(Rehearsal, workshop.id)
    people = people_of_rehearsal(workshop.id)
    at_work = row is not None and is_at_work(row, at)
    return RehearsalPage(
        city=city_view(city),
        number=workshop.number,
        label=workshop_label(workshop),
        phase=phase_name(workshop.phase) if workshop.opened_at else "",
        is_closed=workshop.phase == "closed",
        is_at_work=at_work,
        was_cut_off=workshop.is_open and row is not None and row.ended_at is None and not at_work,
        until=row.until if row and at_work else None,
        wanted=row.people if row else 0,
        silent=row.silent if row and at_work else 0,
        joined=_count(Attendance, Attendance.user_id.in_(people), Attendance.workshop_id == workshop.id),
        ideas=_count(Idea, Idea.author_id.in_(people), Idea.state != "withdrawn"),
        comments=_count(Comment, Comment.author_id.in_(people), Comment.state != "withdrawn"),
        upvotes=_count(Upvote, Upvote.user_id.in_(people)),
        others=others_in(workshop.id),
    )


def _count(table: type, *conditions: object) -> int:
    query = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
    return db.session.scalar(query) or 0
