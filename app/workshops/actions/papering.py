"""Ideas of people without a device: read from paper, typed in by a moderator or helper, posted for a group."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.accounts.actions.registering import add_pseudonymous
from app.accounts.models import User
from app.cities.models import City, Workshop
from app.core.config import LANGUAGES
from app.core.database import lock
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.posting import Draft, post_idea
from app.ideas.models import Idea
from app.workshops.policy import may_note
from app.workshops.queries.paper import refuse_others

_NAMES = {
    "resident": _l("On paper · residents"),
    "student": _l("On paper · students"),
    "city_administration": _l("On paper · city administration"),
    "company": _l("On paper · companies"),
    "institute": _l("On paper · institutes"),
    "university": _l("On paper · universities"),
}


def note_idea(
    workshop: Workshop, draft: Draft, *, group: str, by: User, at: datetime, submission_key: str | None = None
) -> Idea:
    """Post what somebody of `group` wrote on paper; the same `submission_key` again returns the idea it made.

    `draft.workshop` is set here. Raises NotThere, Invalid where the workshop is not open, NotAllowed as `post_idea`.
    """
    with unit_of_work():
        lock(workshop)
        refuse_others(by, workshop)
        if not may_note(workshop):
            raise Invalid(_("Ideas can be typed in while the workshop is open. What you wrote is kept."))
        city = db.session.get_one(City, workshop.city_id)
        return post_idea(
            city,
            Draft(draft.kind, draft.title, draft.text, draft.theme_ids, draft.language, workshop),
            by=_voice_of(workshop, city, group, at),
            at=at,
            submission_key=submission_key,
            typed_by=by,
        )


def _voice_of(workshop: Workshop, city: City, group: str, at: datetime) -> User:
    """The neutral participant under whose name a group's paper is posted; the workshop is locked."""
    key = f"paper/{workshop.id}/{group}"
    known = db.session.scalar(select(User).where(User.import_key == key))
    if known is not None:
        return known
    with force_locale(city.language if city.language in LANGUAGES else "en"):
        name = str(_NAMES[group])
    return add_pseudonymous(
        name, at, origin="imported", import_key=key, group=group, language=city.language[:8]
    )
