"""The board's workshops, in which everything was said, and a screen for everything that screens show."""

from __future__ import annotations

from sqlalchemy import update

from app.accounts.models import User
from app.cities.models import City
from app.core import clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Comment, Idea, Upvote
from app.workshops.actions.driving import move_on, spotlight
from app.workshops.actions.screening import make_screen, set_mode
from app.workshops.models import MODES
from tests.rooms import join, workshop_in


def hold_workshops(city: City, lit: Idea, *, by: User, with_people: tuple[User, ...]) -> dict[str, str]:
    """Workshop 1 is closed, with all that was said so far; workshop 2 discusses `lit`. Tokens of screens by mode."""
    first = workshop_in(city, "reveal", number=1)
    with unit_of_work():
        for table in (Idea, Comment, Upvote):
            db.session.execute(update(table).values(workshop_id=first.id))
    move_on(first, "closed", by=by, at=clock.now())
    second = workshop_in(city, "discuss", number=2)
    join(second, *with_people)
    spotlight(second, lit, by=by)
    tokens = {}
    for mode in MODES:
        made, tokens[mode] = make_screen(city, name=mode, by=by, at=clock.now(), workshop=second)
        set_mode(made, mode, by=by, workshop=second)
    return tokens
