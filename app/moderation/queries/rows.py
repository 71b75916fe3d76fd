"""The rows of a queue: everything a moderator needs to decide, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.queries import AuthorView, author_view
from app.cities.models import City
from app.core.clock import now
from app.core.errors import NotThere
from app.core.extensions import db
from app.ideas.models import Comment
from app.ideas.queries.cards import idea_url
from app.moderation.items import Item, idea_of, key_of
from app.moderation.models import QueueItem
from app.moderation.policy import can_undo, undo_until
from app.moderation.queries.alerts import what_was_seen
from app.moderation.queries.around import (
    acts_by_id,
    comments_of,
    ideas_of,
    open_objections,
    open_reports,
    people_of,
)
from app.moderation.queries.filters import Key
from app.moderation.queries.offers import offered_for
from app.moderation.queries.reasons import reason_names
from app.moderation.queries.views import ActsOn, LastAct, QueueRow
from app.moderation.queries.words import act_words


def rows_of(items: Sequence[QueueItem], city: City, moderator: User) -> tuple[QueueRow, ...]:
    """The rows of these items, in their order. Items whose subject is gone are left out."""
    if not items:
        return ()
    around = _Around(items, city, moderator)
    return tuple(row for row in (around.row(item) for item in items) if row is not None)


def row_on(on: Item, city: City, moderator: User) -> QueueRow:
    """The row of an idea or a comment, also where it never was in the queue. Raises NotThere where it is withdrawn."""
    item = db.session.scalar(select(QueueItem).where(QueueItem.key == key_of(on))) or _never_queued(on, city)
    row = next(iter(rows_of([item], city, moderator)), None)
    if row is None:  # withdrawn since it was loaded
        raise NotThere()
    return row


def _never_queued(on: Item, city: City) -> QueueItem:
    is_comment = isinstance(on, Comment)
    return QueueItem(
        key=key_of(on),
        city_id=city.id,
        subject="comment" if is_comment else "idea",
        idea_id=idea_of(on).id,
        comment_id=on.id if is_comment else None,
        needs="",
        urgency=0,
        since=on.created_at,
        reports=0,
        decisions=0,
        stamp=0,
    )


class _Around:
    """What rows are made from, read once for all of them."""

    def __init__(self, items: Sequence[QueueItem], city: City, moderator: User) -> None:
        self.city, self.moderator, self.at = city, moderator, now()
        self.comments = comments_of([item.comment_id for item in items if item.comment_id])
        self.ideas = ideas_of(
            {*(item.idea_id for item in items), *(c.idea_id for c, _by in self.comments.values())}
        )
        self.people = people_of([item.user_id for item in items if item.subject == "person"])
        self.reasons = reason_names()
        keys = [item.key for item in items]
        self.reports = open_reports(keys, self.reasons)
        self.objections = open_objections(keys)
        self.acts = acts_by_id([item.act_id for item in items if item.act_id])

    def row(self, item: QueueItem) -> QueueRow | None:
        if item.subject == "person":
            return self._person(item)
        if item.subject == "alert":
            return self._alert(item)
        idea, author = self.ideas.get(item.idea_id, (None, None))
        if idea is None:
            return None
        # What its author took back is nobody's to read any more, moderators included.
        is_withdrawn = idea.state == "withdrawn"
        url = idea_url(self.city.slug, idea.id, idea.title)
        if item.subject == "idea":
            if is_withdrawn:
                return None
            return self._row(
                item, title=idea.title, url=url, text=idea.text, language=idea.language, kind=idea.kind,
                state=idea.state, author=author, path=f"/ideas/{idea.id}", idea=idea,
            )  # fmt: skip
        comment, author = self.comments.get(item.comment_id, (None, None))
        if comment is None or comment.state == "withdrawn":
            return None
        path = f"/comments/{comment.id}"
        return self._row(
            item, title=_("An idea that was withdrawn") if is_withdrawn else idea.title,
            url=f"{path}/moderate" if is_withdrawn else f"{url}#comment-{comment.id}", text=comment.text,
            language=comment.language, state=comment.state, author=author, path=path,
        )  # fmt: skip

    def _person(self, item: QueueItem) -> QueueRow | None:
        user = self.people.get(item.user_id)
        if user is None:
            return None
        path = f"/{self.city.slug}/people/{user.id}"
        state = "verified" if user.verified_at else ""
        return self._row(
            item, title=user.name, url=path, state=state, author=author_view(user), path=path,
        )  # fmt: skip

    def _alert(self, item: QueueItem) -> QueueRow:
        url = f"/{self.city.slug}/alerts/{item.id}"
        idea, _author = self.ideas.get(item.idea_id, (None, None))
        there = idea if idea is not None and idea.state != "withdrawn" else None
        title = _("Something unusual: %(title)s", title=there.title) if there else _("Something unusual")
        return self._row(item, title=title, state="", path=url, url=url, text=what_was_seen(item.seen or {}))

    def _row(
        self,
        item: QueueItem,
        *,
        title: str,
        url: str,
        state: str,
        path: str,
        text: str = "",
        language: str = "",
        kind: str = "",
        author: AuthorView | None = None,
        idea: Any = None,
    ) -> QueueRow:
        last = self._last(item)
        is_pinned, is_locked = bool(idea and idea.pinned_at), bool(idea and idea.is_locked)
        offered = offered_for(item.subject, state, item.needs, is_pinned=is_pinned, is_locked=is_locked)
        settled_at = item.settled_at or item.since
        return QueueRow(
            id=item.id,
            key=item.key,
            subject=item.subject,
            needs=item.needs,
            order=str(
                Key(item.urgency, item.since, item.id or 0)
                if item.needs
                else Key(0, settled_at, item.id or 0)
            ),
            decisions=item.decisions,
            stamp=item.stamp,
            since=item.since,
            settled_at=item.settled_at,
            time_zone=self.city.time_zone,
            city_slug=self.city.slug,
            title=title,
            url=url,
            text=text,
            language=language,
            kind=kind,
            state=state,
            author=author,
            acts=ActsOn(
                path=path,
                seen=item.decisions,
                offered=offered,
                idea=idea.id if idea else None,
                undo=last.id if last and last.undo_until else None,
            ),
            is_pinned=is_pinned,
            is_locked=is_locked,
            reports=self.reports.get(item.key, ()),
            objection=self.objections.get(item.key) if item.needs == "objection" else None,
            last=last,
        )

    def _last(self, item: QueueItem) -> LastAct | None:
        act, name = self.acts.get(item.act_id, (None, ""))
        if act is None:
            return None
        return LastAct(
            id=act.id,
            words=act_words(act.kind, undoes=act.undoes_id is not None),
            by=name or "",
            is_mine=act.by_id == self.moderator.id,
            at=act.at,
            reason=self.reasons.get(act.reason_id or 0, ""),
            sentence=act.sentence,
            undo_until=undo_until(act) if can_undo(act, self.at) else None,
        )
