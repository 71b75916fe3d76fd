"""The bar on the phones of people in a workshop: the phase, what to do now, and what they have left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.cities.models import PHASES, Attendance, City, Workshop
from app.cities.phases import holds_people, may_comment, may_post, may_upvote, shows_counts
from app.cities.queries import workshop_label
from app.core.extensions import db
from app.ideas.models import Idea, Upvote
from app.ideas.rooms import phase_sentence
from app.workshops.queries.room import milliseconds
from app.workshops.queries.words import phase_name, what_now, words_left


@dataclass(frozen=True)
class RoomView:
    """A workshop as one of its people sees it. Moments in milliseconds since 1970, UTC."""

    workshop_id: int
    number: int
    city_slug: str
    label: str
    phase: str
    phase_name: str
    what_now: str
    state_seq: int
    hides_counts: bool
    """Upvotes given in the workshop are not counted yet."""
    budget: int | None
    given: tuple[int, ...]
    """The ideas this person has upvoted in the workshop."""
    joined: int
    voted: int
    follows: bool
    is_helper: bool
    """May type in what others say on paper."""
    spotlight_id: int | None
    spotlight_title: str
    timer_ends: int | None
    timer_left: int | None
    now: int

    @property
    def left(self) -> int | None:
        """How many upvotes this person may still give; None without a budget."""
        return None if self.budget is None else max(0, self.budget - len(self.given))

    @property
    def may_post(self) -> bool:
        """Whether new ideas are taken."""
        return may_post(self.phase)

    @property
    def may_comment(self) -> bool:
        """Whether comments are taken."""
        return may_comment(self.phase)

    @property
    def may_upvote(self) -> bool:
        """Whether upvotes are taken."""
        return may_upvote(self.phase)

    @property
    def sentence(self) -> str:
        """Why a form is not open now."""
        return phase_sentence(self.phase)

    @property
    def phases(self) -> dict[str, str]:
        """Every phase in words, for pages that hear that it has changed."""
        said = {"name": phase_name, "now": what_now, "sentence": phase_sentence}
        return {f"room_{what}_{phase}": say(phase) for phase in PHASES for what, say in said.items()}

    @property
    def timer_words(self) -> str:
        """Minutes and seconds left at `now`; empty without a timer."""
        return words_left(self.timer_ends, self.timer_left, self.now)

    @property
    def url(self) -> str:
        """Below it lie the room's own addresses."""
        return f"/{self.city_slug}/workshops/{self.number}"


def bar_of(user_id: int, city_id: int, at: datetime) -> RoomView | None:
    """The workshop of this city that the person is in at `at`; None for everybody else. Two queries at most."""
    rows = db.session.execute(
        select(Workshop, Attendance.follows, Attendance.is_helper, City.slug)
        .join(Attendance, Attendance.workshop_id == Workshop.id)
        .join(City, City.id == Workshop.city_id)
        .where(Workshop.city_id == city_id, Attendance.user_id == user_id, Workshop.opened_at.is_not(None))
        .order_by(Attendance.joined_at.desc())
    )
    found = next((row for row in rows if holds_people(row[0], at)), None)
    if found is None:
        return None
    workshop, follows, is_helper, slug = found
    numbers = _numbers(workshop, user_id)
    return RoomView(
        workshop_id=workshop.id,
        number=workshop.number,
        city_slug=slug,
        label=workshop_label(workshop),
        phase=workshop.phase,
        phase_name=phase_name(workshop.phase),
        what_now=what_now(workshop.phase),
        state_seq=workshop.state_seq,
        hides_counts=not shows_counts(workshop),
        budget=workshop.upvote_budget,
        given=tuple(sorted({row.given for row in numbers if row.given is not None})),
        joined=numbers[0].joined,
        voted=numbers[0].voted,
        follows=follows,
        is_helper=is_helper,
        spotlight_id=workshop.spotlight_id if numbers[0].title is not None else None,
        spotlight_title=numbers[0].title or "",
        timer_ends=milliseconds(workshop.timer_ends_at) if workshop.timer_ends_at else None,
        timer_left=workshop.timer_left_ms,
        now=milliseconds(at),
    )


def _numbers(workshop: Workshop, user_id: int) -> list[Any]:
    """One row, or one for each idea this person has upvoted here; of ideas that became one, only that counts."""
    other = aliased(Upvote)
    given = (
        select(Upvote.idea_id.label("given"))
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.workshop_id == workshop.id, Upvote.user_id == user_id, Idea.state != "merged")
        .subquery()
    )
    joined = select(func.count()).where(Attendance.workshop_id == workshop.id)
    voted = select(func.count(func.distinct(other.user_id))).where(
        other.workshop_id == workshop.id,
        other.user_id.in_(select(Attendance.user_id).where(Attendance.workshop_id == workshop.id)),
    )
    title = select(Idea.title).where(Idea.id == workshop.spotlight_id, Idea.state == "published")
    one = select(
        joined.scalar_subquery().label("joined"),
        voted.scalar_subquery().label("voted"),
        title.scalar_subquery().label("title"),
    ).subquery()
    query = select(one.c.joined, one.c.voted, one.c.title, given.c.given)
    return list(db.session.execute(query.select_from(one.outerjoin(given, one.c.joined >= 0))).all())
