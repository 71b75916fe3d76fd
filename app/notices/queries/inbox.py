"""The inbox, and one notice opened."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.models import User
from app.core.errors import NotThere
from app.core.extensions import db
from app.notices.models import SAID, USUAL_WAY, Notice, NoticeChoice
from app.notices.queries.facts import Facts, facts_of, gathered
from app.notices.queries.standing import unread_of
from app.notices.queries.views import Inbox, NoticeView
from app.notices.sentences import parts_of

SHOWN = 100


def inbox_of(user: User, before: int | None = None) -> Inbox:
    """The latest notices, or those before the one with this id."""
    conditions = [Notice.id < before] if before else []
    facts = facts_of(user, *conditions, most=SHOWN)
    return Inbox(
        notices=views_of(facts),
        unread=unread_of(user),
        mail=way_of(user.id),
        has_address=bool(user.email),
        older=facts[-1].id if len(facts) == SHOWN else None,
    )


def way_of(user_id: int) -> str:
    """How this person wants mail: each, daily or none."""
    choice = db.session.get(NoticeChoice, user_id)
    return choice.mail if choice else USUAL_WAY


def views_of(facts: Sequence[Facts]) -> tuple[NoticeView, ...]:
    """One line for each group of notices that belong together, newest first."""
    return tuple(_view(group) for group in gathered(facts))


def opened(user: User, notice_id: int) -> tuple[list[int], str]:
    """The notices that are read when this one is opened, and where to go then. Raises NotThere.

    What was said since the person looked stays unread: only what is gathered up to this one is opened.
    """
    found = facts_of(user, Notice.id == notice_id)
    if not found:
        raise NotThere()
    one = found[0]
    if one.kind not in SAID:
        return [one.id], path_of(one)
    alike = (
        Notice.kind == one.kind,
        Notice.id <= one.id,
        Notice.read_at.is_(None) if one.read_at is None else Notice.read_at == one.read_at,
    )
    group = [other for other in facts_of(user, *alike) if other.idea_id == one.idea_id]
    first = min(group, key=lambda other: other.comment_id or 0)
    return [other.id for other in group], path_of(first)


def path_of(one: Facts) -> str:
    """Where a notice leads: an idea's short address, which finds its way to the full one; else somewhere near."""
    if one.kind in ("verify", "unverify"):
        return "/me/account"
    if one.kind == "merge":
        return f"/{one.city.slug}/ideas/{one.other_id}" if one.other_id else f"/{one.city.slug}"
    if one.idea_id is None:
        return f"/{one.city.slug}" if one.kind == "report" else "/me"
    anchor = f"#comment-{one.comment_id}" if one.comment_id else ""
    return f"/{one.city.slug}/ideas/{one.idea_id}{anchor}"


def _view(group: list[Facts]) -> NoticeView:
    one = group[0]
    alone = len(group) == 1
    return NoticeView(
        id=one.id,
        kind=one.kind,
        parts=parts_of(group),
        count=len(group),
        is_unread=one.read_at is None,
        city_name=one.city.name,
        city_slug=one.city.slug,
        time_zone=one.city.time_zone,
        at=one.created_at,
        idea_id=one.idea_id,
        quote=one.quote if alone else "",
        quote_language=one.quote_language if alone else "",
        reason=one.reason,
        sentence=one.sentence,
        path=path_of(one if alone else min(group, key=lambda other: other.comment_id or 0)),
        objection_path=f"/acts/{one.can_object}/objection" if one.can_object else "",
    )
