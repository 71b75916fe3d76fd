"""Typing in what people without a device say: ideas from paper, raised hands, dots."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.models import User
from app.cities.models import City, Workshop
from app.cities.queries import city_view, themes_to_choose
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import Invalid, NotAllowed, NotThere, Refusal, TooMany
from app.core.extensions import db
from app.core.htmx import go, is_fragment
from app.core.limits import spend
from app.ideas.forms import draft_of, offering
from app.ideas.models import Idea
from app.ideas.refusals import waiting_sentence
from app.workshops.access import room_of
from app.workshops.actions.papering import note_idea
from app.workshops.actions.tallying import take_back_tally, tally
from app.workshops.forms import PaperIdeaForm, TallyForm
from app.workshops.queries.paper import paper_page, refuse_others
from app.workshops.routes import blueprint

TYPING = "200 per 10 minutes"
_GROUP_OF = {"students": "student", "residents": "resident"}


@blueprint.get("/<city>/workshops/<int:number>/paper")
def paper(city: str, number: int) -> Response:
    """What can be typed in now, and what has been."""
    user, place, workshop = _desk(city, number)
    if is_fragment():
        q = request.args.get("q", "")[:100]
        page = paper_page(workshop, place, viewer=user, q=q)
        return _no_store(
            make_response(render_template("workshops/_choices.html", page=page, tally_form=None))
        )
    return _page(user, place, workshop)


@blueprint.post("/<city>/workshops/<int:number>/paper/ideas")
def note_paper_idea(city: str, number: int) -> Response:
    """Post an idea for a group."""
    user, place, workshop = _desk(city, number)
    form = _form(place, workshop)
    if not form.validate():
        return _page(user, place, workshop, form=form, status=422)
    try:
        spend("paper", str(user.id), limit=TYPING)
        idea = note_idea(
            workshop,
            draft_of(form, city_view(place)),
            group=form.group.data,
            by=user,
            at=now(),
            submission_key=form.submission_key.data,
        )
    except (Invalid, NotAllowed, TooMany) as refusal:
        return _page(user, place, workshop, form=form, refusal=refusal)
    flash(waiting_sentence() if idea.state == "held" else _("“%(title)s” is on the board.", title=idea.title))
    return go(_here(place, workshop, group=form.group.data))


@blueprint.post("/<city>/workshops/<int:number>/paper/ideas/<int:idea_id>/tallies")
def add_tally(city: str, number: int, idea_id: int) -> Response:
    """So many hands or dots for an idea."""
    user, place, workshop = _desk(city, number)
    idea = db.session.get(Idea, idea_id) if is_id(idea_id) else None
    if idea is None:
        raise NotThere()
    form = TallyForm()
    if not form.validate():
        return _page(user, place, workshop, tally_form=form, about=idea.id, status=422)
    try:
        spend("paper", str(user.id), limit=TYPING)
        row = tally(workshop, idea, form.upvotes.data, by=user, at=now(), after=form.after.data)
    except (Invalid, TooMany) as refusal:
        form.refuse(refusal)
        return _page(user, place, workshop, tally_form=form, about=idea.id, status=refusal.code)
    flash(
        ngettext(
            "%(num)d upvote on paper for “%(title)s”.",
            "%(num)d upvotes on paper for “%(title)s”.",
            row.upvotes,
            title=idea.title,
        )
    )
    return go(_here(place, workshop, q=request.form.get("q", "")[:100]))


@blueprint.post("/<city>/workshops/<int:number>/paper/tallies/<int:tally_id>/removal")
def remove_tally(city: str, number: int, tally_id: int) -> Response:
    """Take a tally back."""
    user, place, workshop = _desk(city, number)
    if not is_id(tally_id):
        raise NotThere()
    try:
        take_back_tally(workshop, tally_id, by=user)
    except Invalid as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("The tally is taken back."))
    return go(_here(place, workshop))


def _desk(city: str, number: int) -> tuple[User, City, Workshop]:
    """The workshop, for a moderator of its city or one of its helpers. Raises NotThere."""
    user, place, workshop, _attendance = room_of(city, number)
    refuse_others(user, workshop)
    return user, place, workshop


def _here(place: City, workshop: Workshop, **carried: str) -> str:
    kept: dict[str, Any] = {name: value for name, value in carried.items() if value}
    return url_for("workshops.paper", city=place.slug, number=workshop.number, **kept)


def _form(place: City, workshop: Workshop) -> PaperIdeaForm:
    form = offering(PaperIdeaForm(), city_view(place), themes_to_choose())
    if not form.is_submitted():
        form.submission_key.data = str(uuid.uuid4())
        form.group.data = request.args.get("group") or _GROUP_OF.get(workshop.audience)
    return form


def _page(
    user: User,
    place: City,
    workshop: Workshop,
    *,
    form: PaperIdeaForm | None = None,
    tally_form: TallyForm | None = None,
    about: int = 0,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "page": paper_page(workshop, place, viewer=user, q=request.values.get("q", "")[:100]),
        "form": form or _blank(place, workshop),
        "tally_form": tally_form,
        "about": about,
        "message": refusal.message if refusal else "",
    }
    response = make_response(
        render_template("workshops/paper.html", **context), refusal.code if refusal else status
    )
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return _no_store(response)


def _blank(place: City, workshop: Workshop) -> PaperIdeaForm:
    """The form as nobody has filled it in, also while another form of the page is refused."""
    if request.method == "GET":
        return _form(place, workshop)
    kept = {"submission_key": str(uuid.uuid4()), "group": _GROUP_OF.get(workshop.audience)}
    return offering(PaperIdeaForm(formdata=None, data=kept), city_view(place), themes_to_choose())


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
