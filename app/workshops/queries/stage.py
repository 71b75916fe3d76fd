"""What a screen shows: everything of one mode, the same for all screens that show it.

Only what is public, and only upvotes that count: `upvote_count`, and rows with `is_counted`. So neither a number nor
the order of a list tells of a vote before its reveal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from app.cities.models import PHASES, City, Workshop
from app.cities.phases import lets_in, shows_counts
from app.cities.queries import workshop_label
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.cards import cards_standing
from app.ideas.queries.views import IdeaCard
from app.workshops.models import WorkshopResult
from app.workshops.queries.contrast import Contrast, contrast_of
from app.workshops.queries.room import milliseconds, people_of
from app.workshops.queries.speaking import Speaking, speaking_of
from app.workshops.queries.spotlight import Spotlight, spotlight_of
from app.workshops.queries.words import phase_name, what_now

AT_ONCE = 7
"""Ideas on a screen: more cannot be read from the last row."""
WALL_PAGES = 6
STRONGEST = 3


@dataclass(frozen=True)
class Place:
    """The city on the wall."""

    slug: str
    name: str
    question: str
    time_zone: str


@dataclass(frozen=True)
class Way:
    """How people get in, or to the result: an address for the QR code, and the same in words."""

    address: str
    words: str
    code: str = ""


@dataclass(frozen=True)
class Timer:
    """Ends at a moment, or stands with something left: milliseconds. Neither: there is no timer."""

    ends: int | None = None
    left: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is one."""
        return self.ends is not None or self.left is not None

    def words(self, at: datetime) -> str:
        """Minutes and seconds left at `at`, for those who cannot count themselves."""
        left = self.left if self.ends is None else self.ends - milliseconds(at)
        seconds = max(0, -(-(left or 0) // 1000))
        return f"{seconds // 60}:{seconds % 60:02d}"


@dataclass(frozen=True)
class PhaseStop:
    """A phase on the line of a workshop; `state` is past, now or next."""

    label: str
    state: str


@dataclass(frozen=True)
class Room:
    """The workshop on the wall."""

    id: int
    number: int
    label: str
    question: str
    phase: str
    phase_label: str
    now: str
    agenda: tuple[str, ...]
    phases: tuple[PhaseStop, ...]
    joined: int
    voted: int
    hides_counts: bool
    """Whether upvotes given now are kept back until the reveal."""


@dataclass(frozen=True)
class Stage:
    """A screen's contents."""

    mode: str
    city: Place
    seq: int
    at: datetime
    room: Room | None
    timer: Timer
    way: Way
    """Where the QR code leads."""
    can_join: bool
    ideas: tuple[IdeaCard, ...] = ()
    total: int = 0
    spotlight: Spotlight | None = None
    contrast: Contrast | None = None
    speaking: Speaking | None = None


def stage_of(city: City, workshop: Workshop | None, mode: str, *, origin: str, at: datetime) -> Stage:
    """The contents for `mode`. A constant number of queries, whatever the board holds."""
    code = (workshop.join_code or "") if workshop and lets_in(workshop, at) else ""
    stage = Stage(
        mode=mode,
        city=Place(city.slug, city.name, city.question or "", city.time_zone),
        seq=city.seq,
        at=at,
        room=_room(workshop) if workshop else None,
        timer=_timer(workshop),
        way=_way(city, workshop, mode, origin, code),
        can_join=bool(code),
    )
    if mode == "wall":
        newest = _standing(city, Idea.created_at.desc(), Idea.id.desc(), most=AT_ONCE * WALL_PAGES)
        return replace(stage, ideas=newest, total=_total(city))
    if mode == "top":
        top = _standing(city, Idea.upvote_count.desc(), Idea.id.desc(), most=AT_ONCE)
        return replace(stage, ideas=top, total=_total(city))
    if mode == "thanks":
        return replace(stage, ideas=_strongest(city, workshop))
    if mode == "spotlight":
        return replace(stage, spotlight=spotlight_of(city, workshop.spotlight_id if workshop else None))
    if mode == "contrast":
        return replace(stage, contrast=contrast_of(city, workshop.contrasts if workshop else ""))
    if mode == "themes":
        return replace(stage, speaking=speaking_of(city))
    return stage


def _room(workshop: Workshop) -> Room:
    people = people_of(workshop.id)
    return Room(
        id=workshop.id,
        number=workshop.number,
        label=workshop_label(workshop),
        question=workshop.question or "",
        phase=workshop.phase,
        phase_label=phase_name(workshop.phase),
        now=what_now(workshop.phase),
        agenda=tuple(line.strip() for line in workshop.agenda.splitlines() if line.strip()),
        phases=_phases(workshop.phase),
        joined=people["joined"],
        voted=people["voted"],
        hides_counts=not shows_counts(workshop),
    )


def _phases(here: str) -> tuple[PhaseStop, ...]:
    place = PHASES.index(here)
    return tuple(
        PhaseStop(phase_name(phase), "past" if n < place else "now" if n == place else "next")
        for n, phase in enumerate(PHASES)
        if phase != "closed" or here == "closed"
    )


def _timer(workshop: Workshop | None) -> Timer:
    if workshop is None:
        return Timer()
    ends = workshop.timer_ends_at
    return Timer(milliseconds(ends) if ends else None, workshop.timer_left_ms)


def _way(city: City, workshop: Workshop | None, mode: str, origin: str, code: str) -> Way:
    host = origin.split("://", 1)[-1]
    if mode == "thanks" and workshop is not None:
        path = f"/{city.slug}/workshops/{workshop.number}/result"
        return Way(origin + path, host + path)
    if code:
        return Way(f"{origin}/j/{code}", f"{host}/join", code)
    return Way(f"{origin}/{city.slug}", f"{host}/{city.slug}")


def _standing(city: City, *order: object, most: int) -> tuple[IdeaCard, ...]:
    rows = db.session.execute(
        select(Idea.id, Idea.version, Idea.upvote_count)
        .where(Idea.city_id == city.id, Idea.state == "published")
        .order_by(*order)  # type: ignore[arg-type]
        .limit(most)
    )
    return tuple(cards_standing([(row[0], row[1], row[2]) for row in rows]))


def _total(city: City) -> int:
    query = select(func.count()).where(Idea.city_id == city.id, Idea.state == "published")
    return db.session.scalar(query) or 0


def _strongest(city: City, workshop: Workshop | None) -> tuple[IdeaCard, ...]:
    """The three most upvoted in the workshop, as far as they are still public; before its end, on the board."""
    kept = db.session.get(WorkshopResult, workshop.id) if workshop else None
    if kept is None:
        return _standing(city, Idea.upvote_count.desc(), Idea.id.desc(), most=STRONGEST)
    said = {
        idea["id"]: sum(idea["upvotes"].values()) + idea.get("on_paper_upvotes", 0)
        for idea in kept.result.get("ideas", ())[: 4 * STRONGEST]
    }
    rows = db.session.execute(
        select(Idea.id, Idea.version).where(
            Idea.id.in_(said), Idea.city_id == city.id, Idea.state == "published"
        )
    ).all()
    versions: dict[int, int] = dict(rows)
    standing = [(idea_id, versions[idea_id], count) for idea_id, count in said.items() if idea_id in versions]
    return tuple(cards_standing(standing[:STRONGEST]))
