"""People: found, looked at, shut out and let in again. E-mail addresses are seen here and nowhere else.

Whoever searches or looks is written to the operator's log, with ids only.
"""

from __future__ import annotations

import structlog
from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.accounts.models import User
from app.cities.access import city_named
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.htmx import go
from app.moderation.actions.banning import ban as ban_person
from app.moderation.actions.banning import lift_ban as lift_ban_of
from app.organising.forms.people import BanForm, FindForm, ban_form, on_board_form
from app.organising.queries.people import (
    banned_participants,
    boards_for,
    find_participants,
    nobody,
    profile_of,
    upvoted_idea,
)
from app.organising.routes.blueprint import blueprint, page, refused
from app.organising.routes.people import person_at

log = structlog.get_logger(__name__)


@blueprint.get("/participants")
def participants() -> Response:
    """People whose name or e-mail address holds `q`; `?banned=1`: who is shut out now."""
    organiser = require_organiser()
    form = FindForm(formdata=request.args)
    words = (form.q.data or "")[:100]
    banned = request.args.get("banned") == "1"
    found, more = nobody()
    if banned:
        found, more = banned_participants(now())
    elif words:
        found, more = find_participants(words, now())
    if banned or words:
        log.info("participants_searched", by=organiser.id, found=len(found))
    return page(
        "participants", form=form, found=found, more=more, is_asked=bool(banned or words), banned=banned
    )


@blueprint.get("/participants/<int:user_id>")
def participant(user_id: int) -> Response:
    """One person: account, boards, ban."""
    organiser = require_organiser()
    user = person_at(user_id)
    log.info("participant_viewed", by=organiser.id, user=user.id)
    return _participant(user, ban_form(boards_for(user.id), now()))


def _participant(user: User, form: BanForm, status: int = 200) -> Response:
    return page("participant", status, profile=profile_of(user, now()), form=form, boards=boards_for(user.id))


@blueprint.post("/participants/<int:user_id>/ban")
def ban(user_id: int) -> Response:
    """Shut somebody out until the end of a day."""
    organiser = require_organiser()
    user = person_at(user_id)
    form = ban_form(boards_for(user.id), now())
    if not form.validate():
        return _participant(user, form, refused(form))
    city = city_named(form.city.data)
    try:
        ban_person(
            user,
            city,
            until=form.until_moment(city.time_zone),
            because=form.reason.data,
            sentence=form.sentence.data or "",
            by=organiser,
            at=now(),
        )
    except (Invalid, NotAllowed) as refusal:
        return _participant(user, form, refused(form, refusal))
    flash(_("%(person)s is banned and signed out everywhere.", person=user.name), "success")
    return go(url_for("organising.participant", user_id=user_id))


@blueprint.post("/participants/<int:user_id>/ban-end")
def lift_ban(user_id: int) -> Response:
    """Let somebody in again."""
    organiser = require_organiser()
    user = person_at(user_id)
    form = on_board_form(boards_for(user.id))
    if form.validate():
        try:
            lift_ban_of(user, city_named(form.city.data), by=organiser, at=now())
            flash(_("The ban of %(person)s is lifted.", person=user.name), "success")
        except AlreadyDone as refusal:
            flash(refusal.message, "error")
    else:
        flash(_("Choose in which board's log this is written."), "error")
    return go(url_for("organising.participant", user_id=user_id))


@blueprint.get("/ideas/<int:idea_id>/upvoters")
def upvoters(idea_id: int) -> Response:
    """Who upvoted an idea."""
    organiser = require_organiser()
    idea = upvoted_idea(idea_id) if is_id(idea_id) else None
    if idea is None:
        raise NotThere()
    log.info("upvoters_viewed", by=organiser.id, idea=idea.id)
    return page("upvoters", idea=idea)
