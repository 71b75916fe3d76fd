"""Driving a workshop from the remote: its phases, its spotlight, what its screens show.

Two moderators may hold the remote at once. Each act says which state it saw (`seen`, the workshop's `state_seq`):
one that would move the room from a state that is gone is refused and told what is so now.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import PHASES, Workshop
from app.cities.phases import can_move, shows_counts
from app.cities.queries import curates
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.counting import count_upvotes_in
from app.ideas.models import Idea
from app.workshops.actions.closing import freeze
from app.workshops.actions.tallying import count_tallies_in
from app.workshops.codes import new_code
from app.workshops.events import WorkshopChanged
from app.workshops.models import MODES
from app.workshops.queries.words import phase_name


def open_workshop(workshop: Workshop, *, by: User | None, at: datetime) -> None:
    """Let people in: the lobby, with a code to join. Raises AlreadyDone, NotThere."""
    with unit_of_work():
        begin(workshop, by)
        if workshop.opened_at is not None:
            raise AlreadyDone(_("This workshop is open already."))
        workshop.opened_at, workshop.phase = at, "lobby"
        workshop.join_code = workshop.join_code or new_code()
        workshop.shows = "join"
        changed(workshop)


def move_on(workshop: Workshop, to: str, *, by: User | None, at: datetime, seen: int | None = None) -> None:
    """Go to another phase: the next, or an earlier one while nothing is revealed or closed.

    Raises AlreadyDone where another moderator was faster, Invalid for a phase that cannot follow, NotThere.
    """
    if to not in PHASES:
        raise Invalid(_("There is no such phase."), "phase")
    with unit_of_work():
        begin(workshop, by, seen)
        if workshop.opened_at is None:
            raise Invalid(_("Open the workshop first."), "phase")
        if workshop.phase == to:
            raise AlreadyDone(_("The phase is “%(phase)s” already.", phase=phase_name(to)))
        if not can_move(workshop, to):
            raise Invalid(
                _("“%(to)s” cannot follow “%(here)s”.", to=phase_name(to), here=phase_name(workshop.phase)),
                "phase",
            )
        counted_before = shows_counts(workshop)
        workshop.phase = to
        workshop.timer_ends_at, workshop.timer_left_ms = None, None
        workshop.shows = _SHOWN_IN[to]
        db.session.flush()
        if shows_counts(workshop) and not counted_before:
            count_tallies_in(workshop)
            count_upvotes_in(workshop)
        if to == "closed":
            workshop.closed_at, workshop.join_code = at, None
            freeze(workshop, at)
        changed(workshop)


_SHOWN_IN = {
    "lobby": "join", "collect": "wall", "discuss": "spotlight", "vote": "top", "reveal": "top", "closed": "thanks",
}  # fmt: skip
"""What screens that follow show at the beginning of a phase; the remote may choose otherwise."""


def show(workshop: Workshop, mode: str, *, by: User | None, contrasts: str = "") -> None:
    """Let the screens that follow show `mode`; `contrasts`, two groups with a comma, for *contrast*. Raises Invalid."""
    if mode not in MODES:
        raise Invalid(_("Screens cannot show this."), "mode")
    with unit_of_work():
        begin(workshop, by)
        workshop.shows = mode
        workshop.contrasts = contrasts or workshop.contrasts
        changed(workshop)


def spotlight(workshop: Workshop, idea: Idea | None, *, by: User | None) -> None:
    """Put one public idea of the board into the light of all phones and screens; None puts it out. Raises NotThere."""
    with unit_of_work():
        begin(workshop, by)
        if idea is not None and (not idea.is_published or idea.city_id != workshop.city_id):
            raise NotThere()
        workshop.spotlight_id = idea.id if idea else None
        if idea is not None:
            workshop.shows = "spotlight"
        changed(workshop)


def renew_code(workshop: Workshop, *, by: User | None) -> None:
    """Another code to join with; the old one lets nobody in from now on. Raises Invalid once the workshop is closed."""
    with unit_of_work():
        begin(workshop, by)
        if workshop.phase == "closed":
            raise Invalid(_("This workshop is closed."))
        workshop.join_code = new_code()
        changed(workshop)


def begin(workshop: Workshop, by: User | None, seen: int | None = None) -> None:
    """Lock the workshop for somebody who drives it. Raises NotThere, AlreadyDone where `seen` is not so any more."""
    lock(workshop)
    if by is not None and not curates(by, workshop.city_id):
        raise NotThere()
    if seen is not None and seen != workshop.state_seq:
        raise AlreadyDone(
            _("Somebody was faster: the phase is “%(phase)s” now.", phase=phase_name(workshop.phase))
        )


def changed(workshop: Workshop) -> None:
    """Number the change of a locked workshop and tell everybody in it."""
    workshop.state_seq += 1
    db.session.flush()
    announce(WorkshopChanged(workshop.city_id, workshop.id, workshop.state_seq))
