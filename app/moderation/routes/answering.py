"""Status and answer: written, kept as a draft, and published, one by one or several together."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.cities.queries import city_view
from app.core.clock import now
from app.core.database import id_in
from app.core.errors import AlreadyDone, Invalid, Refusal
from app.core.htmx import go, safe_next, wants_json
from app.ideas.queries.cards import idea_url
from app.ideas.queries.page import card_of
from app.moderation.access import idea_to_moderate, moderator_at
from app.moderation.actions.answering import answer_idea, discard_draft, draft_answer, publish_answers
from app.moderation.forms import AnswerForm
from app.moderation.queries.answers import draft_for, drafts_of
from app.moderation.queries.standing import decisions_on
from app.moderation.routes import blueprint
from app.moderation.routes.pages import done, page, shown_again


@blueprint.route("/ideas/<int:idea_id>/answer", methods=["GET", "POST"])
def answer(idea_id: int) -> Response:
    """The status of an idea and the city's answer; `do=draft` keeps both for later."""
    user, city, idea = idea_to_moderate(idea_id)
    draft = draft_for(idea.id)
    written = (
        {"status": draft.status, "text": draft.text}
        if draft
        else {"status": idea.status, "text": idea.answer or ""}
    )
    form = AnswerForm(data=written)
    where = safe_next(request.values.get("next"), idea_url(city.slug, idea.id, idea.title))
    context: dict[str, Any] = {
        "city": city_view(city),
        "idea": card_of(idea.id),
        "next": where,
        "drafted_at": draft.at if draft else None,
        "can_publish": idea.is_published,
        "seen": decisions_on(idea),
    }
    if request.method == "GET":
        return page("answer", form, **context)
    do = request.form.get("do")
    if do == "discard":
        discard_draft(idea, by=user)
        return _said(_("The draft is discarded."), where)
    if not form.validate_on_submit():
        return shown_again("answer", form, **context)
    if not idea.is_published:
        return shown_again("answer", form, Invalid(_not_public()), **context)
    said = {"status": form.status.data, "text": form.text.data or ""}
    try:
        if do == "draft":
            draft_answer(idea, by=user, at=now(), **said)
            return _said(_("The draft is kept."), url_for("moderation.answers", city=city.slug))
        act = answer_idea(idea, by=user, at=now(), seen=request.form.get("seen", type=int), **said)
    except (AlreadyDone, Invalid) as refusal:
        return shown_again("answer", form, refusal, **context)
    return done(act, _("The answer is published."), where)


@blueprint.get("/<city>/answers")
def answers(city: str) -> Response:
    """The drafts of a board, to be published together."""
    _user, place = moderator_at(city)
    return page("answers", city=city_view(place), drafts=drafts_of(place), message="")


@blueprint.post("/<city>/answers")
def publish(city: str) -> Response:
    """Publish the drafts of the ideas that are ticked, all or none; `do=discard` throws them away."""
    user, place = moderator_at(city)
    wanted = set(map(id_in, request.form.getlist("ideas")))
    drafts = [draft for draft in drafts_of(place) if draft.idea_id in wanted]
    try:
        if not drafts:
            raise Invalid(_("Tick at least one draft."))
        if request.form.get("do") == "discard":
            return _discard([draft.idea_id for draft in drafts], url_for("moderation.answers", city=city))
        if not all(draft.can_go for draft in drafts):
            raise Invalid(_not_public())
        acts = publish_answers(place, [draft.idea_id for draft in drafts], by=user, at=now())
    except Refusal as refusal:
        if wants_json():
            raise
        return page(
            "answers",
            status=refusal.code,
            city=city_view(place),
            drafts=drafts_of(place),
            message=refusal.message,
        )
    said = ngettext("%(num)d answer is published.", "%(num)d answers are published.", len(acts))
    return _said(said, url_for("moderation.answers", city=city))


def _discard(idea_ids: list[int], where: str) -> Response:
    for idea_id in idea_ids:
        user, _city, idea = idea_to_moderate(idea_id)
        discard_draft(idea, by=user)
    return _said(
        ngettext("%(num)d draft is discarded.", "%(num)d drafts are discarded.", len(idea_ids)), where
    )


def _not_public() -> str:
    return _("Only ideas that everybody can read can be answered.")


def _said(message: str, where: str) -> Response:
    if wants_json():
        return jsonify(message=message)
    flash(message)
    return go(where)
