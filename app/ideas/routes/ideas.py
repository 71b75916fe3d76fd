"""Posting, reading, editing and withdrawing an idea."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.accounts.access import person, require_person
from app.cities.access import board_at, moderates
from app.cities.models import City, Workshop
from app.cities.queries import board_stamp, city_view, themes_to_choose
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import Invalid, NotAllowed, NotThere, TooMany
from app.core.extensions import db
from app.core.htmx import go, wants_json
from app.core.limits import spend
from app.core.security import own_origin
from app.core.text import clean_text, markdown, slugify
from app.core.visitors import kept_for_visitors
from app.ideas.access import idea_for, readable_idea, where_it_went
from app.ideas.actions.posting import edit_idea as change_idea
from app.ideas.actions.posting import post_idea as put_on_board
from app.ideas.actions.posting import withdraw_idea as take_off_board
from app.ideas.forms import CommentForm, IdeaForm, draft_of, idea_form
from app.ideas.models import TEXT_MAX, Idea
from app.ideas.policy import can_edit
from app.ideas.publishing import paused_sentence
from app.ideas.queries.cards import idea_url, published_cards
from app.ideas.queries.page import card_of, idea_page
from app.ideas.queries.rendering import card_html
from app.ideas.queries.watching import watching_on
from app.ideas.refusals import too_late, waiting_sentence
from app.ideas.routes import blueprint
from app.ideas.routes.answering import refused_form
from app.ideas.routes.viewing import viewer_of


@blueprint.get("/<city>/ideas/new")
def compose(city: str) -> str:
    """An empty form for an idea."""
    user = require_person()
    row = board_at(city, person())
    place = city_view(row)
    themes = themes_to_choose()
    form = idea_form(place, themes)
    form.submission_key.data = form.submission_key.data or str(uuid.uuid4())
    running = place.running_workshop
    if running and not running.is_driven:  # else those who joined it are in it, and nobody else
        form.workshop.data = str(running.id)
    return _composer(form, city=place, themes=themes, message=paused_sentence(row, user))


@blueprint.post("/<city>/ideas")
def post_idea(city: str) -> Response | tuple[str, int]:
    """Put an idea on the board; the same submission key again answers with the idea it made."""
    row = board_at(city, person())
    place, themes, user = city_view(row), themes_to_choose(), require_person()
    form = idea_form(place, themes)
    if not form.validate_on_submit():
        return refused_form(form, _composer(form, city=place, themes=themes))
    workshop = db.session.get(Workshop, int(form.workshop.data)) if form.workshop.data else None
    try:
        spend("ideas", str(user.id), limit="20 per 10 minutes")
        idea = put_on_board(
            row,
            draft_of(form, place, workshop=workshop),
            by=user,
            at=now(),
            submission_key=form.submission_key.data,
        )
    except (NotAllowed, TooMany) as refusal:
        return refused_form(
            form, _composer(form, city=place, themes=themes, message=refusal.message), refusal
        )
    url = idea_url(row.slug, idea.id, idea.title)
    held = waiting_sentence() if idea.state == "held" else ""
    if wants_json():
        cards = published_cards([idea.id])
        html = card_html(cards[0]) if cards else ""
        return _made(url=url, id=idea.id, html=html, seq=idea.last_change, message=held)
    if held:
        flash(held)
    return go(url)


def _made(**answer: Any) -> Response:
    response = jsonify(answer)
    response.status_code = 201
    return response


def _composer(form: IdeaForm, **context: Any) -> str:
    return render_template(
        "ideas/compose.html", form=form, viewer=viewer_of(person()), **{"message": "", **context}
    )


@blueprint.get("/<city>/ideas/<int:idea_id>")
@blueprint.get("/<city>/ideas/<int:idea_id>-<words>")
@kept_for_visitors(lambda city, **_idea: board_stamp(city))
def idea(city: str, idea_id: int, words: str = "") -> Response | str:
    """An idea's page; other words in the address lead to the right ones."""
    place = board_at(city, person())
    found = _idea_or_where_it_went(idea_id, place)
    if found.id != idea_id or words != slugify(found.title):
        query = request.query_string.decode("ascii", "ignore")
        target = idea_url(place.slug, found.id, found.title)
        # For good only where nothing can bring the old address back: a merge can be undone.
        code = 301 if found.id == idea_id else 302
        return redirect(f"{target}?{query}" if query else target, code)  # type: ignore[return-value]
    return render_idea(found, place)


def _idea_or_where_it_went(idea_id: int, place: City) -> Idea:
    """The idea, or the one it was merged into. Raises NotThere."""
    try:
        return idea_for(person(), idea_id, on=place)
    except NotThere:
        target = where_it_went(idea_id, place) if is_id(idea_id) else None
        if target is None or target == idea_id:
            raise
        return idea_for(person(), target, on=place)


def render_idea(
    found: Idea,
    place: City,
    *,
    comment_form: CommentForm | None = None,
    reply_form: CommentForm | None = None,
    reply_to: int | None = None,
) -> str:
    """The page of an idea, with the forms as they were typed where one was refused."""
    user = person()
    reply_to = reply_to or request.args.get("reply", type=int)
    if user and comment_form is None:  # nobody in particular gets none, and with it no token
        comment_form = CommentForm(formdata=None, submission_key=str(uuid.uuid4()))
    if user and reply_to and reply_form is None:
        reply_form = CommentForm(formdata=None, parent=reply_to, submission_key=str(uuid.uuid4()))
    return render_template(
        "ideas/idea.html",
        page=idea_page(
            found,
            place,
            viewer=user,
            share_origin=own_origin(),
            watching=watching_on(place.id),
            moderates=moderates(user, place.id),
        ),
        viewer=viewer_of(user, [found.id]),
        comment_form=comment_form,
        reply_form=reply_form,
        reply_to=reply_to,
    )


@blueprint.route("/ideas/<int:idea_id>/edit", methods=["GET", "POST"])
def edit_idea(idea_id: int) -> Response | str | tuple[str, int]:
    """Change one's own idea, for a while after posting it."""
    user = require_person()
    found = own_idea(idea_id)
    row = db.session.get_one(City, found.city_id)
    place = city_view(row)
    themes = themes_to_choose([theme.theme_id for theme in found.themes])
    kept = {
        "kind": found.kind,
        "title": found.title,
        "text": found.text,
        "themes": [theme.theme_id for theme in found.themes],
        "language": found.language,
    }
    form = idea_form(place, themes, also_language=found.language, data=kept)

    def page(message: str = "") -> str:
        return render_template(
            "ideas/edit_idea.html",
            form=form,
            idea=card_of(idea_id),
            city=place,
            themes=themes,
            viewer=viewer_of(user),
            message=message,
        )

    if request.method == "GET":
        if not can_edit(user, found, now()):
            return refused_form(form, page(too_late()))
        return page()
    if not form.validate_on_submit():
        return refused_form(form, page())
    try:
        spend("edits", str(user.id), limit="60 per 10 minutes")
        change_idea(found, draft_of(form, place), by=user, at=now())
    except (Invalid, NotAllowed, TooMany) as refusal:
        return refused_form(form, page(refusal.message), refusal)
    return go(idea_url(row.slug, found.id, found.title))


@blueprint.route("/ideas/<int:idea_id>/withdrawal", methods=["GET", "POST"])
def withdraw_idea(idea_id: int) -> Response | str | tuple[str, int]:
    """Take one's own idea off the board, after a question."""
    user = require_person()
    found = own_idea(idea_id)
    row = db.session.get_one(City, found.city_id)
    if request.method == "GET":
        card = card_of(idea_id)
        return render_template(
            "ideas/withdraw.html",
            title=card.title,
            text=card.excerpt,
            action=url_for("ideas.withdraw_idea", idea_id=idea_id),
            back=card.url,
            is_comment=False,
            city=city_view(row),
            viewer=viewer_of(user),
        )
    take_off_board(found, by=user, at=now())
    return go(url_for("ideas.board", city=row.slug))


def own_idea(idea_id: int) -> Idea:
    """The signed-in person's own idea, also when the time for changes is over. Raises NotThere."""
    user = require_person()
    found = readable_idea(user, idea_id)
    if found.author_id != user.id:
        raise NotThere()
    return found


@blueprint.post("/preview")
def preview() -> str | tuple[str, int]:
    """A text as it will look. Only for who may write: rendering the worst of texts takes a sixth of a second."""
    user = require_person()
    try:
        spend("previews", str(user.id), limit="300 per 5 minutes")
    except TooMany as refusal:
        return render_template("ideas/_preview.html", html="", message=refusal.message), refusal.code
    text = clean_text(request.form.get("text", ""))
    if len(text) > TEXT_MAX:
        return render_template(
            "ideas/_preview.html", html="", message=_("Shorten the text to %(max)d characters.", max=TEXT_MAX)
        ), 422
    return render_template("ideas/_preview.html", html=markdown(text), message="")
