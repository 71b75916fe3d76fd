"""What those see who type in ideas and upvotes from paper; and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, true

from app.accounts.models import User
from app.cities.models import Attendance, City, Workshop
from app.cities.phases import shows_counts
from app.cities.queries import CityView, city_view, curates, workshop_label
from app.core.errors import NotThere
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url
from app.ideas.queries.search import matching
from app.workshops.models import PaperTally
from app.workshops.policy import may_note, may_tally
from app.workshops.queries.words import phase_name

SHOWN = 20


@dataclass(frozen=True)
class Choice:
    """An idea to count hands for. Without its upvotes: they may be hidden."""

    id: int
    title: str
    url: str
    kind: str
    language: str


@dataclass(frozen=True)
class TallyView:
    """What somebody counted."""

    id: int
    title: str
    url: str
    upvotes: int
    by: str
    """Empty where that person is gone."""
    at: datetime
    is_counted: bool


@dataclass(frozen=True)
class PaperPage:
    """The page of those who type in what is on paper. `after`: the newest tally on it."""

    city: CityView
    number: int
    label: str
    phase: str
    may_note: bool
    may_tally: bool
    tallies_first: bool
    is_moderator: bool
    q: str
    choices: tuple[Choice, ...]
    tallies: tuple[TallyView, ...]
    after: int
    ideas_noted: int
    upvotes_noted: int


def paper_page(workshop: Workshop, city: City, *, viewer: User, q: str = "") -> PaperPage:
    """Everything on the page; a constant number of queries."""
    tallies = _tallies(workshop, city, viewer)
    noted = select(func.count()).where(Idea.workshop_id == workshop.id, Idea.on_paper.is_(True))
    return PaperPage(
        city=city_view(city),
        number=workshop.number,
        label=workshop_label(workshop),
        phase=phase_name(workshop.phase),
        may_note=may_note(workshop),
        may_tally=may_tally(workshop),
        tallies_first=may_tally(workshop),
        is_moderator=curates(viewer, city.id),
        q=q,
        choices=_choices(workshop, city, q),
        tallies=tallies,
        after=max((one.id for one in tallies), default=0),
        ideas_noted=db.session.scalar(noted) or 0,
        upvotes_noted=sum(one.upvotes for one in tallies),
    )


def is_helper(user_id: int, workshop_id: int) -> bool:
    """Whether a moderator has let this person type in what is on paper."""
    query = select(Attendance.user_id).where(
        Attendance.workshop_id == workshop_id, Attendance.user_id == user_id, Attendance.is_helper.is_(True)
    )
    return db.session.scalar(query) is not None


def refuse_others(user: User, workshop: Workshop) -> None:
    """Raises NotThere for everybody but moderators of the city and helpers of the workshop."""
    if not curates(user, workshop.city_id) and not is_helper(user.id, workshop.id):
        raise NotThere()


def counted_on_paper_in(workshop_id: int) -> dict[int, int]:
    """Upvotes counted by hand in the workshop, by the public idea that they are part of now."""
    rows = db.session.execute(
        select(PaperTally.idea_id, func.sum(PaperTally.upvotes))
        .where(PaperTally.workshop_id == workshop_id, PaperTally.is_counted.is_(True))
        .group_by(PaperTally.idea_id)
    ).all()
    found: dict[int, int] = {}
    places = _what_became_of([idea_id for idea_id, _upvotes in rows])
    for idea_id, upvotes in rows:
        place = places.get(idea_id)
        if place is not None:
            found[place] = found.get(place, 0) + int(upvotes)
    return found


def _what_became_of(idea_ids: Sequence[int]) -> dict[int, int]:
    """The public idea that each of these is, or was merged into; those that are not public are missing."""
    found: dict[int, int] = {}
    here = {idea_id: [idea_id] for idea_id in idea_ids}
    while here:  # once more for each merge into something that was merged itself
        above: dict[int, list[int]] = {}
        for idea_id, state, into in db.session.execute(
            select(Idea.id, Idea.state, Idea.merged_into_id).where(Idea.id.in_(here))
        ):
            if state == "published":
                found.update(dict.fromkeys(here[idea_id], idea_id))
            elif state == "merged" and into is not None:
                above.setdefault(into, []).extend(here[idea_id])
        here = above
    return found


def _choices(workshop: Workshop, city: City, q: str) -> tuple[Choice, ...]:
    query = select(Idea.id, Idea.title, Idea.kind, Idea.language).where(
        Idea.city_id == city.id, Idea.state == "published"
    )
    wanted = matching(q)
    if wanted is not None:
        query = query.where(wanted)
    # Those of the room first, the newest first: an order that says nothing of upvotes.
    query = query.order_by(func.coalesce(Idea.workshop_id == workshop.id, False).desc(), Idea.id.desc())
    rows = db.session.execute(query.limit(SHOWN)).all()
    return tuple(
        Choice(idea_id, title, idea_url(city.slug, idea_id, title), kind, language)
        for idea_id, title, kind, language in rows
    )


def _tallies(workshop: Workshop, city: City, viewer: User) -> tuple[TallyView, ...]:
    """Before the reveal of hidden counts only what the viewer has counted: others' hands are hidden from them too."""
    seen = true() if shows_counts(workshop) else PaperTally.by_id == viewer.id
    rows = db.session.execute(
        select(PaperTally, Idea.id, Idea.title, User.name)
        .join(Idea, Idea.id == PaperTally.idea_id)
        .outerjoin(User, User.id == PaperTally.by_id)
        .where(PaperTally.workshop_id == workshop.id, seen)
        .order_by(PaperTally.id.desc())
    )
    return tuple(
        TallyView(
            id=row.id,
            title=title,
            url=idea_url(city.slug, idea_id, title),
            upvotes=row.upvotes,
            by=name or "",
            at=row.at,
            is_counted=row.is_counted,
        )
        for row, idea_id, title, name in rows
    )
