"""Correcting an idea's kind, themes and language."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from app.cities.queries import city_view, themes_to_choose
from app.core.clock import now
from app.core.errors import AlreadyDone, Invalid
from app.core.htmx import safe_next
from app.ideas.queries.cards import idea_url
from app.ideas.queries.page import card_of
from app.moderation.access import idea_to_moderate
from app.moderation.actions.marking import retag
from app.moderation.forms import TagForm
from app.moderation.queries.standing import decisions_on
from app.moderation.routes import blueprint
from app.moderation.routes.pages import done, page, shown_again


@blueprint.route("/ideas/<int:idea_id>/tags", methods=["GET", "POST"])
def tag(idea_id: int) -> Response:
    """What it is, what it is about, and in which language: not what it says."""
    user, city, idea = idea_to_moderate(idea_id)
    chosen = [theme.theme_id for theme in idea.themes]
    form = TagForm(data={"kind": idea.kind, "themes": chosen, "language": idea.language})
    form.offer(themes_to_choose(chosen), idea.language)
    where = safe_next(request.values.get("next"), idea_url(city.slug, idea.id, idea.title))
    context: dict[str, Any] = {
        "city": city_view(city),
        "idea": card_of(idea.id),
        "next": where,
        "seen": decisions_on(idea),
    }
    if request.method == "GET":
        return page("tags", form, **context)
    if not form.validate_on_submit():
        return shown_again("tags", form, **context)
    ticked = list(dict.fromkeys(form.themes.data))
    theme_ids = sorted(ticked, key=lambda theme: chosen.index(theme) if theme in chosen else len(chosen))
    try:
        act = retag(
            idea,
            kind=form.kind.data,
            theme_ids=theme_ids,
            language=form.language.data,
            by=user,
            at=now(),
            seen=request.form.get("seen", type=int),
        )
    except (AlreadyDone, Invalid) as refusal:
        return shown_again("tags", form, refusal, **context)
    return done(act, _("Themes, kind and language are changed."), where)
