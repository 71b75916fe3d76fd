"""Commenting, replying, editing and withdrawing a comment."""

from __future__ import annotations

import uuid

from flask import Response, flash, jsonify, render_template, request, url_for

from app.accounts.access import require_person
from app.cities.models import City
from app.cities.queries import city_view
from app.core.clock import now
from app.core.errors import Invalid, NotAllowed, TooMany
from app.core.extensions import db
from app.core.htmx import go, wants_json
from app.core.limits import spend
from app.ideas.access import comment_for, readable_idea
from app.ideas.actions.commenting import edit_comment as change_comment
from app.ideas.actions.commenting import post_comment as put_comment
from app.ideas.actions.commenting import withdraw_comment as take_back_comment
from app.ideas.forms import CommentForm
from app.ideas.languages import guess_language
from app.ideas.models import Comment, Idea
from app.ideas.policy import can_edit_comment
from app.ideas.queries.cards import idea_url
from app.ideas.queries.page import comment_view, own_comment
from app.ideas.queries.rendering import comment_html
from app.ideas.refusals import too_late, waiting_sentence
from app.ideas.routes import blueprint
from app.ideas.routes.answering import refused_form
from app.ideas.routes.ideas import render_idea
from app.ideas.routes.viewing import viewer_of


@blueprint.post("/ideas/<int:idea_id>/comments")
def post_comment(idea_id: int) -> Response:
    """Comment on an idea, or reply to one of its comments."""
    user = require_person()
    idea = readable_idea(user, idea_id)
    city = db.session.get_one(City, idea.city_id)
    form = CommentForm()
    if not form.validate_on_submit():
        return refused_form(form, _idea_page(idea, city, form))
    text = form.text.data or ""
    try:
        spend("comments", str(user.id), limit="60 per 10 minutes")
        comment = put_comment(
            idea,
            text,
            stance=form.stance.data or None,
            language=guess_language(text, default=idea.language),
            by=user,
            at=now(),
            parent_id=form.parent.data,
            submission_key=form.submission_key.data,
        )
    except (NotAllowed, TooMany) as refusal:
        form.text.errors = [refusal.message]
        return refused_form(form, _idea_page(idea, city, form), refusal)
    held = waiting_sentence() if comment.state == "held" else ""
    url = _address(idea, city, comment)
    if wants_json():
        view = comment_view(comment.id)
        response = jsonify(
            url=url,
            id=comment.id,
            html=comment_html(view) if view else "",
            parent=comment.parent_id,
            seq=idea.last_change,
            message=held,
        )
        response.status_code = 201
        return response
    if held:
        flash(held)
    return go(url)


def _idea_page(idea: Idea, city: City, form: CommentForm) -> str:
    if wants_json():
        return ""
    form.submission_key.data = form.submission_key.data or str(uuid.uuid4())
    if form.parent.data:
        return render_idea(idea, city, reply_form=form, reply_to=form.parent.data)
    return render_idea(idea, city, comment_form=form)


def _address(idea: Idea, city: City, comment: Comment) -> str:
    return f"{idea_url(city.slug, idea.id, idea.title)}#comment-{comment.id}"


@blueprint.route("/comments/<int:comment_id>/edit", methods=["GET", "POST"])
def edit_comment(comment_id: int) -> Response | str:
    """Change one's own comment, for a while after posting it."""
    user = require_person()
    comment = comment_for(user, comment_id, to=_is_own)
    idea = comment.idea
    city = db.session.get_one(City, idea.city_id)
    form = CommentForm(data={"text": comment.text, "stance": comment.stance or ""})

    def page(message: str = "") -> str:
        return render_template(
            "ideas/edit_comment.html",
            form=form,
            comment=own_comment(comment_id, city.time_zone),
            idea_title=idea.title,
            city=city_view(city),
            back=_address(idea, city, comment),
            viewer=viewer_of(user),
            message=message,
        )

    if request.method == "GET":
        return page() if can_edit_comment(user, comment, now()) else refused_form(form, page(too_late()))
    if not form.validate_on_submit():
        return refused_form(form, page())
    try:
        spend("edits", str(user.id), limit="60 per 10 minutes")
        change_comment(comment, form.text.data or "", stance=form.stance.data or None, by=user, at=now())
    except (Invalid, NotAllowed, TooMany) as refusal:
        return refused_form(form, page(refusal.message), refusal)
    return go(_address(idea, city, comment))


@blueprint.route("/comments/<int:comment_id>/withdrawal", methods=["GET", "POST"])
def withdraw_comment(comment_id: int) -> Response | str:
    """Take back one's own comment, after a question."""
    user = require_person()
    comment = comment_for(user, comment_id, to=_is_own)
    idea = comment.idea
    city = db.session.get_one(City, idea.city_id)
    if request.method == "GET":
        return render_template(
            "ideas/withdraw.html",
            title=idea.title,
            text=comment.text,
            action=url_for("ideas.withdraw_comment", comment_id=comment_id),
            back=_address(idea, city, comment),
            is_comment=True,
            city=city_view(city),
            viewer=viewer_of(user),
        )
    take_back_comment(comment, by=user, at=now())
    return go(idea_url(city.slug, idea.id, idea.title))


def _is_own(user: object, comment: Comment, _at: object) -> bool:
    return (
        getattr(user, "id", None) == comment.author_id
        and comment.state in ("published", "held")
        and comment.idea.is_published
    )
