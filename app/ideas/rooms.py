"""What somebody does while they are in a workshop: done in it, and by the rules of its phase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import exists, func, select
from sqlalchemy.sql import ColumnElement

from app.accounts.models import User
from app.cities.models import Attendance, Workshop
from app.cities.queries import workshop_of
from app.core.errors import NotAllowed
from app.core.extensions import db
from app.ideas.models import Idea, Upvote


def in_workshop(by: User, city_id: int, at: datetime, *, to: Callable[[str], bool]) -> Workshop | None:
    """The workshop `by` is in, whose phase lets them do `to`; None for everybody who is in none.

    Inside the transaction, as `hold_room`. Raises NotAllowed, saying what the phase is for.
    """
    workshop = hold_room(by.id, city_id, at)
    refuse_out_of_phase(workshop, to)
    return workshop


def hold_room(user_id: int, city_id: int, at: datetime) -> Workshop | None:
    """The workshop somebody is in, if any, with its phase as it stands until the commit. Before any idea is locked.

    Whoever moves on waits until this is done, or this waits and sees it: no upvote slips in behind the reveal.
    """
    workshop = workshop_of(user_id, city_id, at)
    if workshop is not None:
        db.session.refresh(workshop, with_for_update={"read": True})
    return workshop


def refuse_out_of_phase(workshop: Workshop | None, to: Callable[[str], bool]) -> None:
    """Raises NotAllowed, saying what the phase is for, where it does not let the workshop's people do `to`."""
    if workshop is not None and not to(workshop.phase):
        raise NotAllowed(phase_sentence(workshop.phase))


def phase_sentence(phase: str) -> str:
    """What a workshop's people do now, said to somebody who tried something else."""
    return {
        "lobby": _("The workshop has not begun yet. What you wrote is kept."),
        "collect": _("Now ideas are collected: post yours. Comments and upvotes follow."),
        "discuss": _("Now ideas are discussed: comment on them. What you wrote is kept."),
        "vote": _("Now is the vote: give your upvotes. What you wrote is kept."),
        "reveal": _("The vote is over: look at what came of it."),
        "closed": _("This workshop is closed. Thank you for taking part; later you can go on online."),
    }[phase]


def spend_budget(workshop: Workshop, user_id: int, idea_id: int) -> None:
    """Keep to the workshop's number of upvotes a person. Raises NotAllowed where all are given already.

    The person's attendance stays locked until the commit: fifty requests at once are one after the other.
    """
    if workshop.upvote_budget is None:
        return
    db.session.execute(
        select(Attendance.user_id)
        .where(Attendance.workshop_id == workshop.id, Attendance.user_id == user_id)
        .with_for_update()
    )
    if given_in(workshop, user_id, besides=idea_id) >= workshop.upvote_budget:
        raise NotAllowed(
            ngettext(
                "You have given your %(num)d upvote. Take it back to give it to another idea.",
                "You have given all your %(num)d upvotes. Take one back to give it to another idea.",
                workshop.upvote_budget,
            )
        )


def given_in(workshop: Workshop, user_id: int, *, besides: int | None = None) -> int:
    """How many upvotes the person has given in the workshop; of ideas that became one, one counts."""
    query = (
        select(func.count())
        .select_from(Upvote)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.workshop_id == workshop.id, Upvote.user_id == user_id, Idea.state != "merged")
    )
    if besides is not None:
        query = query.where(Upvote.idea_id != besides)
    return db.session.scalar(query) or 0


def waits_for_reveal() -> ColumnElement[bool]:
    """Whether the upvote in question was given in a workshop that has not shown its counts yet."""
    return exists().where(
        Workshop.id == Upvote.workshop_id,
        Workshop.hides_counts.is_(True),
        Workshop.phase.not_in(("reveal", "closed")),
    )
