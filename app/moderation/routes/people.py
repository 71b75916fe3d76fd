"""A participant on one board: what they said there, their badge, and shutting them out for a while."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import city_view, is_appointed
from app.core.clock import now
from app.core.errors import Invalid, NotAllowed, Refusal
from app.core.htmx import safe_next, wants_json
from app.core.times import moment
from app.moderation.access import person_at
from app.moderation.actions.banning import ban, lift_ban
from app.moderation.actions.verifying import unverify, verify
from app.moderation.forms import BanForm
from app.moderation.models import Act
from app.moderation.policy import can_ban
from app.moderation.queries.people import person_page
from app.moderation.queries.reasons import reasons
from app.moderation.routes import blueprint
from app.moderation.routes.pages import done, page, shown_again


@blueprint.get("/<city>/people/<int:user_id>")
def person(city: str, user_id: int) -> Response:
    """What this person has said on this board, and what can be decided about them."""
    by, place, somebody = person_at(city, user_id)
    return page("person", _ban_form(place), message="", **_shown(by, place, somebody))


@blueprint.post("/<city>/people/<int:user_id>/acts")
def act_on_person(city: str, user_id: int) -> Response:
    """`act`: ban (`until` a day, `reason`, `sentence`), lift_ban, verify or unverify."""
    by, place, somebody = person_at(city, user_id)
    act_name = request.form.get("act", "")
    form = _ban_form(place)
    if act_name == "ban" and not form.validate_on_submit():
        return shown_again("person", form, message="", **_shown(by, place, somebody))
    try:
        act, message = _decide(act_name, form, by, place, somebody)
    except Refusal as refusal:
        if wants_json():
            raise
        if act_name == "ban" and not isinstance(refusal, NotAllowed):
            return shown_again("person", form, refusal, message="", **_shown(by, place, somebody))
        return page(
            "person",
            _ban_form(place),
            refusal.code,
            message=refusal.message,
            **_shown(by, place, somebody),
        )
    here = url_for("moderation.person", city=city, user_id=user_id)
    return done(act, message, safe_next(request.form.get("next"), here))


def _decide(act: str, form: BanForm, by: User, city: City, somebody: User) -> tuple[Act, str]:
    at, name = now(), somebody.name
    if act == "ban":
        until = form.until_moment()
        done_ = ban(
            somebody,
            city,
            until=until,
            because=form.reason.data,
            sentence=form.sentence.data or "",
            by=by,
            at=at,
        )
        return done_, _("%(name)s is banned until %(when)s.", name=name, when=moment(until, city.time_zone))
    if act == "lift_ban":
        return lift_ban(somebody, city, by=by, at=at), _("%(name)s may take part again.", name=name)
    if act == "verify":
        return verify(somebody, city, by=by, at=at), _("The affiliation of %(name)s is verified.", name=name)
    if act == "unverify":
        return unverify(somebody, city, by=by, at=at), _(
            "The affiliation of %(name)s counts as not verified.", name=name
        )
    raise Invalid(_("Choose what to do."))


def _ban_form(city: City) -> BanForm:
    form = BanForm(city.time_zone, now())
    form.offer(reasons())
    return form


def _shown(by: User, city: City, somebody: User) -> dict[str, Any]:
    return {
        "city": city_view(city),
        "person": person_page(somebody, city, now()),
        "can_ban": can_ban(by, somebody, is_moderator=is_appointed(somebody.id, city.id)),
    }
