"""Posting, editing and withdrawing an idea."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.cities.actions.numbering import take_part
from app.cities.models import City, Workshop
from app.cities.phases import may_correct, may_post
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.text import excerpt
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import city_of, lock_ideas, lock_sender, note_change, note_unseen_change
from app.ideas.actions.indexing import forget_ideas, index_ideas
from app.ideas.actions.remembering import could_be_read
from app.ideas.events import IDEA_EDITED, IDEA_POSTED, IDEA_WITHDRAWN, Contributed, Withdrawn
from app.ideas.models import Idea, IdeaRevision, IdeaTheme
from app.ideas.policy import can_edit
from app.ideas.publishing import first_state, refuse_if_paused
from app.ideas.refusals import refuse_unconfirmed, too_late
from app.ideas.rooms import in_workshop


@dataclass(frozen=True)
class Draft:
    """What somebody typed for an idea, cleaned and checked by the form."""

    kind: str
    title: str
    text: str
    theme_ids: Sequence[int]
    language: str
    workshop: Workshop | None = None


def post_idea(
    city: City,
    draft: Draft,
    *,
    by: User,
    at: datetime,
    submission_key: str | None = None,
    typed_by: User | None = None,
) -> Idea:
    """Put an idea on the board; the same `submission_key` again returns the idea it made.

    Where moderators look before publication it is held for them. What somebody without a device said is on paper:
    `typed_by` types it in, and that person's rights decide. Raises NotAllowed where the person may not take part (any
    more), or posting is paused.
    """
    with unit_of_work():
        lock_sender(by)
        known = submission_key and db.session.scalar(
            select(Idea).where(Idea.author_id == by.id, Idea.submission_key == submission_key)
        )
        if known:
            return known
        if not may_take_part(by, at):
            refuse_unconfirmed()
        refuse_if_paused(city, typed_by or by)
        room = in_workshop(by, city.id, at, to=may_post) or _chosen(draft.workshop, typed_by)
        idea = Idea(
            city_id=city.id,
            author_id=by.id,
            workshop_id=room.id if room else None,
            kind=draft.kind,
            title=draft.title,
            text=draft.text,
            excerpt=excerpt(draft.text),
            language=draft.language,
            state=first_state(city, typed_by or by),
            on_paper=typed_by is not None,
            created_at=at,
            version=0,
            last_change=0,
            submission_key=submission_key or None,
            themes=_themes(draft.theme_ids),
        )
        db.session.add(idea)
        db.session.flush()
        index_ideas([(idea.id, idea.title, idea.text)])
        take_part(city.id, by.id, at)
        if idea.is_published:
            note_change(idea, IDEA_POSTED, at=at)
        else:
            note_unseen_change(idea)
        announce(Contributed(city.id, idea.id, None, by.id, True, idea.is_published))
    return idea


def edit_idea(idea: Idea, draft: Draft, *, by: User, at: datetime) -> None:
    """Replace what the idea says and keep what everybody could read. Nothing happens where nothing differs.

    Where moderators look before publication, a changed text waits for them again.

    Raises Invalid when the time for edits is over, NotAllowed in a workshop from its vote on, NotThere when it is not
    `by`'s.
    """
    with unit_of_work():
        in_workshop(by, city_of(idea), at, to=may_correct)
        _still_editable(idea, by, at)
        before = (idea.kind, idea.title, idea.text, [theme.theme_id for theme in idea.themes], idea.language)
        if before == (draft.kind, draft.title, draft.text, list(draft.theme_ids), draft.language):
            return
        if could_be_read(idea):
            _keep_version(idea, at)
        idea.kind, idea.title, idea.text = draft.kind, draft.title, draft.text
        idea.excerpt, idea.language, idea.edited_at = excerpt(draft.text), draft.language, at
        if before[3] != list(draft.theme_ids):
            idea.themes.clear()
            db.session.flush()
            idea.themes.extend(_themes(draft.theme_ids))
        index_ideas([(idea.id, idea.title, idea.text)])
        was_public = idea.is_published
        if was_public:
            idea.state = first_state(db.session.get_one(City, idea.city_id), by)
        if not idea.is_published:
            idea.pinned_at = None  # one of a board's few places: not for what nobody sees
        if was_public:
            note_change(idea, IDEA_EDITED if idea.is_published else IDEA_WITHDRAWN, at=at)
        else:
            note_unseen_change(idea)
        announce(Contributed(idea.city_id, idea.id, None, by.id, False, idea.is_published))


def withdraw_idea(idea: Idea, *, by: User, at: datetime) -> None:
    """Take one's own idea off the board. Raises as `edit_idea`."""
    with unit_of_work():
        in_workshop(by, city_of(idea), at, to=may_correct)
        # What is merged into it stands alone again, and is locked in the order of the ids.
        lock_ideas(select(Idea.id).where(or_(Idea.id == idea.id, Idea.merged_into_id == idea.id)))
        _still_editable(idea, by, at)
        was_public, idea.state, idea.pinned_at = idea.is_published, "withdrawn", None
        forget_ideas([idea.id])
        if was_public:
            note_change(idea, IDEA_WITHDRAWN, at=at)
        else:
            note_unseen_change(idea)
        announce(Withdrawn(idea.city_id, idea.id, None))


def _chosen(workshop: Workshop | None, typed_by: User | None) -> Workshop | None:
    """The workshop somebody says an idea comes from. In one that is driven are those who joined it, and paper."""
    is_driven = workshop is not None and workshop.opened_at is not None
    return None if is_driven and typed_by is None else workshop


def _keep_version(idea: Idea, at: datetime) -> None:
    number = db.session.scalar(
        select(func.count()).select_from(IdeaRevision).where(IdeaRevision.idea_id == idea.id)
    )
    db.session.add(
        IdeaRevision(
            idea_id=idea.id,
            number=(number or 0) + 1,
            at=at,
            kind=idea.kind,
            title=idea.title,
            text=idea.text,
            theme_ids=",".join(str(theme.theme_id) for theme in idea.themes),
        )
    )


def _themes(theme_ids: Sequence[int]) -> list[IdeaTheme]:
    return [IdeaTheme(theme_id=theme_id, position=place) for place, theme_id in enumerate(theme_ids)]


def _still_editable(idea: Idea, by: User, at: datetime) -> None:
    lock(idea)
    if can_edit(by, idea, at):
        return
    if idea.author_id != by.id or idea.state == "withdrawn":
        raise NotThere()
    raise Invalid(too_late())
