"""Loads what a moderator acts on, for those who moderate its board; for everybody else it is not there."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.access import require_person
from app.accounts.models import User
from app.cities.access import board_at, city_named, moderates
from app.cities.models import City, Participation
from app.cities.policy import can_read_board
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import NotAllowed, NotThere
from app.core.extensions import db
from app.ideas.access import readable_idea
from app.ideas.models import Comment, Idea
from app.moderation.items import Item
from app.moderation.models import Act, QueueItem

__all__ = ["board_at"]


def moderator_at(slug: str) -> tuple[User, City]:
    """Who is signed in, and the city, which they moderate. Raises NotThere."""
    user, city = require_person(), city_named(slug)
    return user, _theirs(user, city.id)


def idea_to_moderate(idea_id: int) -> tuple[User, City, Idea]:
    """An idea of a board the signed-in person moderates, whatever its state but withdrawn. Raises NotThere."""
    user = require_person()
    idea = db.session.get(Idea, idea_id) if is_id(idea_id) else None
    if idea is None or idea.state == "withdrawn":
        raise NotThere()
    return user, _theirs(user, idea.city_id), idea


def comment_to_moderate(comment_id: int) -> tuple[User, City, Comment]:
    """A comment on a board the signed-in person moderates. Raises NotThere."""
    user = require_person()
    comment = db.session.get(Comment, comment_id) if is_id(comment_id) else None
    if comment is None or comment.state == "withdrawn":
        raise NotThere()
    return user, _theirs(user, comment.idea.city_id), comment


def act_to_undo(act_id: int) -> tuple[User, City, Act]:
    """An act on a board the signed-in person moderates. Raises NotThere."""
    user = require_person()
    act = db.session.get(Act, act_id) if is_id(act_id) else None
    if act is None:
        raise NotThere()
    return user, _theirs(user, act.city_id), act


def queue_item_at(item_id: int) -> tuple[User, City, QueueItem]:
    """A row of the queue of a board the signed-in person moderates. Raises NotThere."""
    user = require_person()
    item = db.session.get(QueueItem, item_id) if is_id(item_id) else None
    if item is None:
        raise NotThere()
    return user, _theirs(user, item.city_id), item


def person_at(slug: str, user_id: int) -> tuple[User, City, User]:
    """Somebody who takes part on a board the signed-in person moderates. Raises NotThere."""
    user, city = moderator_at(slug)
    person = db.session.get(User, user_id) if is_id(user_id) else None
    takes_part = select(Participation.user_id).where(
        Participation.city_id == city.id, Participation.user_id == user_id
    )
    if person is None or db.session.scalar(takes_part) is None:
        raise NotThere()
    return user, city, person


def idea_to_report(idea_id: int) -> tuple[User, Idea]:
    """A public idea that the signed-in person may report. Raises NotThere, NotAllowed."""
    user = require_person()
    idea = readable_idea(user, idea_id)
    _refuse_unreportable(user, idea, idea.is_published)
    return user, idea


def comment_to_report(comment_id: int) -> tuple[User, Comment]:
    """A public comment that the signed-in person may report. Raises NotThere, NotAllowed."""
    user = require_person()
    comment = db.session.get(Comment, comment_id) if is_id(comment_id) else None
    if comment is None:
        raise NotThere()
    readable_idea(user, comment.idea_id)
    _refuse_unreportable(user, comment, comment.state == "published" and comment.idea.is_published)
    return user, comment


def act_to_object_to(act_id: int) -> tuple[User, City, Act, Item]:
    """An act on something the signed-in person wrote, with that. Raises NotThere."""
    user = require_person()
    act = db.session.get(Act, act_id) if is_id(act_id) else None
    item = item_of(act) if act else None
    if act is None or item is None or item.author_id != user.id:
        raise NotThere()
    city = db.session.get_one(City, act.city_id)
    if not can_read_board(user, city.is_public, now()):
        raise NotThere()
    return user, city, act, item


def item_of(act: Act) -> Item | None:
    """The idea or comment an act was about; None where there is none any more."""
    if act.comment_id is not None:
        return db.session.get(Comment, act.comment_id)
    return db.session.get(Idea, act.idea_id) if act.idea_id is not None else None


def _theirs(user: User, city_id: int) -> City:
    if not moderates(user, city_id):
        raise NotThere()
    return db.session.get_one(City, city_id)


def _refuse_unreportable(user: User, item: Item, is_public: bool) -> None:
    if not is_public:
        raise NotThere()
    if item.author_id == user.id:
        raise NotAllowed(_("This is your own. You can edit or withdraw it, or ask a moderator."))
