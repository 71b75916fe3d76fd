"""What an author is shown before objecting to an act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.cities.models import City
from app.core.extensions import db
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url
from app.moderation.models import Act, Objection
from app.moderation.queries.judges import others_can_judge
from app.moderation.queries.reasons import reason_name
from app.moderation.queries.words import act_words, role_label


@dataclass(frozen=True)
class DecisionView:
    """What was decided, why, and who looks at it when the author objects. `outcome` is of an objection made before."""

    act_id: int
    words: str
    role: str
    reason: str
    sentence: str
    at: datetime
    time_zone: str
    into_title: str
    into_url: str
    another_looks: bool
    is_objected: bool
    outcome: str


def decision_view(act: Act, city: City) -> DecisionView:
    """An act for the author of what it was about."""
    made = db.session.scalar(select(Objection).where(Objection.act_id == act.id))
    into = _into(act, city)
    return DecisionView(
        act_id=act.id,
        words=act_words(act.kind),
        role=role_label(act.role),
        reason=reason_name(act.reason_id) if act.reason_id else "",
        sentence=act.sentence,
        at=act.at,
        time_zone=city.time_zone,
        into_title=into.title if into else "",
        into_url=idea_url(city.slug, into.id, into.title) if into else "",
        another_looks=_another_moderates(act, city),
        is_objected=made is not None,
        outcome=(made.outcome or "") if made else "",
    )


def _into(act: Act, city: City) -> Idea | None:
    into = db.session.get(Idea, act.after.get("into", 0)) if act.kind == "merge" else None
    return into if into and into.is_published and into.city_id == city.id else None


def _another_moderates(act: Act, city: City) -> bool:
    return others_can_judge(city.id, act.by_id)
