"""A status and a public answer: written, kept as a draft, published alone or together with others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import curates
from app.core.database import lock
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.text import clean_text
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import lock_ideas
from app.ideas.models import STATUSES, Idea
from app.moderation.actions.logging import log_act
from app.moderation.actions.marking import marks_of, show_mark
from app.moderation.actions.queueing import note_decision, row_of
from app.moderation.faster import refuse_if_decided
from app.moderation.models import ANSWER_MAX, Act, AnswerDraft

ANSWERED = ("status", "answer", "answered_at")


def answer_idea(
    idea: Idea, *, status: str, text: str, by: User | None, at: datetime, seen: int | None = None
) -> Act:
    """Give the idea this status and answer, for everybody to see; a draft of it is used up.

    Raises Invalid for a status nobody knows, a text that is too long, or nothing new; AlreadyDone where somebody acted
    since the page showed `seen` acts; NotThere.
    """
    with unit_of_work():
        lock(idea)
        _check(idea, status, text, by)
        text = clean_text(text).strip()
        before = marks_of(idea, ANSWERED)
        after = {"status": status, "answer": text or None, "answered_at": at.isoformat() if text else None}
        if (before["status"], before["answer"]) == (status, text or None):
            raise Invalid(_("Nothing is different. Change something, or leave it."))
        if before["answer"] == (text or None):
            after["answered_at"] = before["answered_at"]
        queued = row_of(idea)
        refuse_if_decided(queued, seen)
        show_mark(idea, after, at)
        db.session.execute(delete(AnswerDraft).where(AnswerDraft.idea_id == idea.id))
        act = log_act("answer", idea.city_id, by=by, at=at, on=idea, before=before, after=after)
        note_decision(queued, act)
    return act


def draft_answer(idea: Idea, *, status: str, text: str, by: User, at: datetime) -> AnswerDraft:
    """Keep a status and an answer to publish later; the board's moderators share them. Raises as `answer_idea`."""
    with unit_of_work():
        lock(idea)
        _check(idea, status, text, by)
        draft = db.session.get(AnswerDraft, idea.id)
        if draft is None:
            draft = AnswerDraft(idea_id=idea.id, city_id=idea.city_id)
            db.session.add(draft)
        draft.status, draft.text = status, clean_text(text).strip()
        draft.by_id, draft.at = by.id, at
        db.session.flush()
    return draft


def discard_draft(idea: Idea, *, by: User) -> None:
    """Throw a draft away; without one nothing happens."""
    with unit_of_work():
        if not curates(by, idea.city_id):
            raise NotThere()
        db.session.execute(delete(AnswerDraft).where(AnswerDraft.idea_id == idea.id))


def publish_answers(city: City, idea_ids: Sequence[int], *, by: User, at: datetime) -> list[Act]:
    """Publish these drafts of a city together: all of them, or none. Raises Invalid where one is not there any more."""
    with unit_of_work():
        acts = []
        lock_ideas(
            select(Idea.id).where(Idea.id.in_(idea_ids), Idea.city_id == city.id)
        )  # all, before the city's row
        for idea_id in sorted(set(idea_ids)):
            idea = db.session.get(Idea, idea_id)
            draft = db.session.scalar(
                select(AnswerDraft).where(AnswerDraft.idea_id == idea_id, AnswerDraft.city_id == city.id)
            )
            if idea is None or draft is None:
                raise Invalid(_("One of these drafts is not there any more. Look at the list again."))
            acts.append(answer_idea(idea, status=draft.status, text=draft.text, by=by, at=at))
        if not acts:
            raise Invalid(_("Tick at least one draft."))
    return acts


def _check(idea: Idea, status: str, text: str, by: User | None) -> None:
    if not idea.is_published or (by is not None and not curates(by, idea.city_id)):
        raise NotThere()
    if status not in STATUSES:
        raise Invalid(_("Choose a status."), "status")
    if len(text) > ANSWER_MAX:
        raise Invalid(_("Shorten this to %(max)d characters.", max=ANSWER_MAX), "text")
