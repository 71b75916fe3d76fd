"""What the remote shows: the state of the room, what can be done next, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_

from app.cities.models import PHASES, City, Workshop
from app.cities.phases import can_move, holds_people, is_final, next_phase
from app.cities.queries import CityView, WorkshopView, city_view, workshop_label
from app.core.clock import now
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.cards import card_query, cards_of, idea_url
from app.ideas.queries.views import IdeaCard
from app.workshops.models import MODES
from app.workshops.queries.contrast import SIDES, side_label
from app.workshops.queries.parts import PARTS, part_of
from app.workshops.queries.room import room_message
from app.workshops.queries.watching import watching_in
from app.workshops.queries.words import mode_name, phase_name, what_now, words_left

NEWEST = 6


@dataclass(frozen=True)
class PhaseView:
    """A phase to go to: its word, and whether going there can be taken back."""

    key: str
    name: str
    is_final: bool = False


@dataclass(frozen=True)
class Lit:
    """An idea that is, or could be, in the light."""

    id: int
    title: str
    language: str
    url: str


@dataclass(frozen=True)
class RemoteView:
    """Everything on a remote, as of `room["seq"]`. `was` says of each part what it is, for the next act."""

    city: CityView
    workshop: WorkshopView
    number: int
    others: tuple[WorkshopView, ...]
    room: dict[str, Any]
    was: dict[str, str]
    is_open: bool
    is_left_open: bool
    """Nobody has closed it, and its people go on online: no phase reaches them any more."""
    phase: PhaseView
    what_now: str
    next: PhaseView | None
    earlier: tuple[PhaseView, ...]
    modes: tuple[tuple[str, str], ...]
    sides: tuple[tuple[str, str], ...]
    contrasts: tuple[str, str]
    join_code: str
    spotlight: Lit | None
    before: Lit | None
    after: Lit | None
    newest: tuple[IdeaCard, ...]

    @property
    def timer(self) -> str:
        """What the timer does: none, running, paused or over."""
        ends, left = self.room["timer"]["ends"], self.room["timer"]["left"]
        if ends is None:
            return "none" if left is None else "paused"
        return "running" if ends > self.room["now"] else "over"

    @property
    def timer_words(self) -> str:
        """Minutes and seconds left; empty without a timer."""
        timer = self.room["timer"]
        return words_left(timer["ends"], timer["left"], self.room["now"])

    @property
    def url(self) -> str:
        """Below it lie the workshop's own addresses."""
        return f"/{self.city.slug}/workshops/{self.number}"


def remote_view(city: City, workshop: Workshop) -> RemoteView:
    """The remote of a workshop, in a constant number of queries."""
    place = city_view(city)
    here = workshop.phase
    follows = next_phase(here) if workshop.opened_at else None
    back = [phase for phase in PHASES[: PHASES.index(here)] if can_move(workshop, phase)]
    lit, before, after = spotlights(workshop)
    named = {view.id: view for view in place.workshops}
    return RemoteView(
        city=place,
        workshop=named[workshop.id],
        number=workshop.number,
        others=tuple(view for view in place.workshops if view.id != workshop.id),
        room=room_message(workshop, watching=watching_in(workshop.id)),
        was={part: part_of(workshop, part) for part in PARTS},
        is_open=workshop.is_open,
        is_left_open=workshop.is_open and not holds_people(workshop, now()),
        phase=PhaseView(here, phase_name(here)),
        what_now=what_now(here),
        next=PhaseView(follows, phase_name(follows), is_final(workshop, follows)) if follows else None,
        earlier=tuple(PhaseView(phase, phase_name(phase)) for phase in reversed(back)),
        modes=tuple((mode, mode_name(mode)) for mode in MODES),
        sides=tuple((side, side_label(side)) for side in SIDES),
        contrasts=_pair(workshop.contrasts),
        join_code=workshop.join_code or "",
        spotlight=lit,
        before=before,
        after=after,
        newest=_newest(city),
    )


def _pair(contrasts: str) -> tuple[str, str]:
    chosen = [side for side in contrasts.split(",") if side in SIDES]
    return (chosen[0], chosen[1]) if len(chosen) == 2 else ("student", "resident")


def spotlights(workshop: Workshop) -> tuple[Lit | None, Lit | None, Lit | None]:
    """The idea in the light, the one above it on the board and the one below, in the order *top*.

    Without one in the light the first of the board is the next. By counted upvotes only, as on the board: before the
    reveal the order gives nothing away.
    """
    lit = db.session.get(Idea, workshop.spotlight_id) if workshop.spotlight_id else None
    slug = db.session.scalar(select(City.slug).where(City.id == workshop.city_id)) or ""
    public = select(Idea).where(Idea.city_id == workshop.city_id, Idea.state == "published").limit(1)
    place = tuple_(Idea.upvote_count, Idea.id)
    if lit is None:
        first = db.session.scalar(public.order_by(Idea.upvote_count.desc(), Idea.id.desc()))
        return None, None, _lit(first, slug)
    here = (lit.upvote_count, lit.id)
    above = public.where(place > here).order_by(Idea.upvote_count, Idea.id)
    below = public.where(place < here).order_by(Idea.upvote_count.desc(), Idea.id.desc())
    shown = lit if lit.is_published else None
    return _lit(shown, slug), _lit(db.session.scalar(above), slug), _lit(db.session.scalar(below), slug)


def _lit(idea: Idea | None, slug: str) -> Lit | None:
    return Lit(idea.id, idea.title, idea.language, idea_url(slug, idea.id, idea.title)) if idea else None


def _newest(city: City) -> tuple[IdeaCard, ...]:
    rows = db.session.execute(
        card_query()
        .where(Idea.city_id == city.id, Idea.state == "published")
        .order_by(Idea.created_at.desc(), Idea.id.desc())
        .limit(NEWEST)
    ).all()
    return tuple(cards_of(rows))


def workshop_labels(city: City) -> tuple[tuple[int, str, str, bool], ...]:
    """(number, label, phase in a word, whether it is open) of a city's workshops."""
    return tuple(
        (
            workshop.number,
            workshop_label(workshop),
            phase_name(workshop.phase) if workshop.opened_at else "",
            workshop.is_open,
        )
        for workshop in city.workshops
    )
