"""What a board's own rules say about a new text: whether it is taken, and whether everybody sees it at once."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import curates
from app.core.errors import NotAllowed
from app.ideas.models import Idea


def refuse_if_paused(city: City, by: User) -> None:
    """Raises NotAllowed while posting on this board is paused; those who moderate it may always post."""
    sentence = paused_sentence(city, by)
    if sentence:
        raise NotAllowed(sentence)


def paused_sentence(city: City, by: User) -> str:
    """That posting is paused; empty where `by` may post."""
    if city.posting_is_open or curates(by, city.id):
        return ""
    return _("Posting on this board is paused. What you wrote is kept: please try again later.")


def refuse_if_locked(idea: Idea, by: User) -> None:
    """Raises NotAllowed where the idea takes no more comments; those who moderate the board may still answer."""
    if idea.is_locked and not curates(by, idea.city_id):
        raise NotAllowed(_("This idea takes no more comments. What you wrote is kept in the page."))


def first_state(city: City, by: User) -> str:
    """`held` where moderators look before publication, else `published`."""
    return "held" if city.moderation == "before" and not curates(by, city.id) else "published"
