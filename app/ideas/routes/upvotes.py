"""A person's upvote of an idea: put there, or taken back."""

from __future__ import annotations

from flask import Response, jsonify, request

from app.accounts.access import require_person
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import csrf, db
from app.core.htmx import go, safe_next, wants_json
from app.core.limits import spend
from app.ideas.access import readable_idea, upvotable
from app.ideas.actions.upvoting import take_back_upvote
from app.ideas.actions.upvoting import upvote as give_upvote
from app.ideas.models import Idea
from app.ideas.queries.board import counts_among
from app.ideas.queries.cards import idea_url
from app.ideas.routes import blueprint


@blueprint.route("/ideas/<int:idea_id>/upvote", methods=["PUT", "DELETE", "POST"])
@csrf.exempt
def upvote(idea_id: int) -> Response:
    """PUT or `upvote=on`: one upvote; DELETE or `upvote=off`: none. Again changes nothing."""
    user = (
        require_person()
    )  # before the token: pages of nobody in particular hold none, and lead to signing in
    csrf.protect()
    wanted = request.method == "PUT" or (request.method == "POST" and request.form.get("upvote") != "off")
    found = upvotable(user, idea_id) if wanted else readable_idea(user, idea_id)
    city_id = found.city_id
    spend("upvotes", str(user.id), limit="300 per 5 minutes")
    count = None
    if isinstance(found, Idea):
        take_back_upvote(found, by=user, at=now())
    else:
        count = give_upvote(found, by=user, at=now())
    if wants_json():
        if count is None:
            count = counts_among(city_id, [idea_id]).get(idea_id, 0)
        return jsonify(idea=idea_id, upvoted=wanted, upvotes=count)
    city, idea = db.session.get_one(City, city_id), db.session.get_one(Idea, idea_id)
    page = idea_url(city.slug, idea_id, idea.title)
    return go(f"{safe_next(request.form.get('next'), page)}#idea-{idea_id}")
