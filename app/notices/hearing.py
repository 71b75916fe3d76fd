"""Who is told what: hears what happens below, inside the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, select

from app.accounts.events import AccountErased
from app.core import announce
from app.core.clock import now
from app.core.extensions import db
from app.ideas.events import Contributed, Withdrawn
from app.ideas.models import Comment, Idea, Upvote
from app.moderation.events import Acted, ObjectionDecided, ReportsDecided
from app.moderation.models import Act, Objection, Report
from app.notices.actions.digesting import send_letters
from app.notices.actions.telling import News, tell
from app.notices.actions.withdrawing import forget, look_again, take_back
from app.notices.events import LettersDue
from app.notices.models import SAID, Notice


def listen() -> None:
    """Hear everything from now on."""
    announce.during(Contributed)(_contributed)
    announce.during(Withdrawn)(_withdrawn)
    announce.during(Acted)(_acted)
    announce.during(ReportsDecided)(_reports_decided)
    announce.during(ObjectionDecided)(_objection_decided)
    announce.during(AccountErased)(_erased)
    announce.after(LettersDue)(_letters_due)


# --- what others say --------------------------------------------------------------------------------------------


def _contributed(event: Contributed) -> None:
    if event.comment_id is not None and event.is_new and event.is_public:
        _tell_of_comment(db.session.get_one(Comment, event.comment_id))
    elif not event.is_new and not event.is_public:
        look_again((event.idea_id,), event.comment_id)


def _tell_of_comment(comment: Comment) -> None:
    """Its idea's author; of a reply the author of the comment it answers, who hears of it as that."""
    idea = db.session.get_one(Idea, comment.idea_id)
    parent = db.session.get(Comment, comment.parent_id) if comment.parent_id else None
    answered = parent.author_id if parent else None
    about = (idea.city_id, idea.id, comment.id)
    at = now()
    tell([answered], News("reply", *about), at=at, but=comment.author_id)
    if idea.author_id != answered:
        tell([idea.author_id], News("comment", *about), at=at, but=comment.author_id)


def _withdrawn(event: Withdrawn) -> None:
    look_again((event.idea_id,), event.comment_id)


# --- what moderators do -----------------------------------------------------------------------------------------


def _acted(event: Acted) -> None:
    tell_it = _TOLD.get(event.kind)
    if tell_it is None:
        return
    act = db.session.get_one(Act, event.act_id)
    if act.undoes_id is not None:
        _taken_back(act, act.undoes_id)
    else:
        tell_it(act)
    if event.kind in _SHOWS_OR_HIDES:
        look_again((act.idea_id,), act.comment_id)


def _decided(act: Act) -> None:
    tell([_author_of(act)], _news(act), at=act.at, but=act.by_id)


def _published(act: Act) -> None:
    """Its author is told, and those whom a comment concerns, if it was held before they could be."""
    _decided(act)
    if act.comment_id is None:
        return
    told = select(Notice.id).where(Notice.comment_id == act.comment_id, Notice.kind.in_(SAID)).limit(1)
    if db.session.scalar(told) is None:
        _tell_of_comment(db.session.get_one(Comment, act.comment_id))


def _merged(act: Act) -> None:
    into = act.after["into"]
    of_duplicate, of_target = _author_of(act), db.session.get_one(Idea, into).author_id
    tell([of_duplicate], _news(act, other=into), at=act.at, but=act.by_id)
    if of_target != of_duplicate:
        news = News("merged_in", act.city_id, into, None, act.id, {"other": act.idea_id})
        tell([of_target], news, at=act.at, but=act.by_id)


def _unmerged(act: Act) -> None:
    merge = db.session.scalar(
        select(Act)
        .where(Act.kind == "merge", Act.idea_id == act.idea_id, Act.undoes_id.is_(None))
        .order_by(Act.id.desc())
        .limit(1)
    )
    if merge is not None:
        _taken_back(act, merge.id)


def _answered(act: Act) -> None:
    idea = db.session.get_one(Idea, act.idea_id)
    status = act.after["status"]
    tell([idea.author_id], _news(act, status=status), at=act.at, but=act.by_id)
    if status == "taken_up" and act.before.get("status") != status:
        upvoters = select(Upvote.user_id).where(Upvote.idea_id == idea.id, Upvote.user_id != idea.author_id)
        news = News("taken_up", act.city_id, idea.id, None, act.id, {"status": status})
        tell(db.session.scalars(upvoters), news, at=act.at, but=act.by_id)


def _verified(act: Act) -> None:
    tell([act.user_id], News(act.kind, act.city_id, act_id=act.id), at=act.at, but=act.by_id)


def _taken_back(act: Act, undone_id: int) -> None:
    undone = db.session.get_one(Act, undone_id)
    take_back(undone_id, undone.kind, by=act.by_id, undoing_id=act.id, at=act.at)
    # What came of reports and objections with the act is open again.
    db.session.execute(
        delete(Notice)
        .where(
            Notice.kind.in_(("report", "objection")),
            Notice.idea_id == undone.idea_id,
            Notice.comment_id == undone.comment_id if undone.comment_id else Notice.comment_id.is_(None),
            Notice.created_at == undone.at,
            Notice.read_at.is_(None),
            Notice.mailed_at.is_(None),
        )
        .execution_options(synchronize_session=False)
    )


_TOLD: dict[str, Callable[[Act], None]] = {
    "hide": _decided,
    "decline": _decided,
    "hold": _decided,
    "restore": _published,
    "approve": _published,
    "merge": _merged,
    "unmerge": _unmerged,
    "answer": _answered,
    "verify": _verified,
    "unverify": _verified,
}
_SHOWS_OR_HIDES = ("hide", "decline", "hold", "restore", "approve", "merge", "unmerge")


def _news(act: Act, **details: object) -> News:
    return News(act.kind, act.city_id, act.idea_id, act.comment_id, act.id, details)


def _author_of(act: Act) -> int | None:
    item = db.session.get(Comment, act.comment_id) if act.comment_id else db.session.get(Idea, act.idea_id)
    return item.author_id if item else None


# --- what comes of reports and objections -----------------------------------------------------------------------


def _reports_decided(event: ReportsDecided) -> None:
    decided_at = db.session.scalar(
        select(Report.decided_at).where(
            Report.user_id == event.user_ids[0],
            Report.idea_id == event.idea_id,
            Report.comment_id == event.comment_id if event.comment_id else Report.comment_id.is_(None),
        )
    )
    news = News("report", event.city_id, event.idea_id, event.comment_id, None, {"outcome": event.outcome})
    tell(event.user_ids, news, at=decided_at or now())


def _objection_decided(event: ObjectionDecided) -> None:
    """Where the objection was right, this says it all: what the act itself told its author is not said twice."""
    act = db.session.get_one(Act, event.act_id)
    decided_at = db.session.scalar(select(Objection.decided_at).where(Objection.act_id == act.id)) or now()
    if event.outcome == "upheld":
        db.session.execute(
            delete(Notice)
            .where(
                Notice.user_id == event.user_id,
                Notice.kind.in_(("restore", "approve", "taken_back")),
                Notice.idea_id == act.idea_id,
                Notice.created_at == decided_at,
            )
            .execution_options(synchronize_session=False)
        )
    news = News("objection", act.city_id, act.idea_id, act.comment_id, act.id, {"outcome": event.outcome})
    tell([event.user_id], news, at=decided_at)


# --- accounts, and mail -----------------------------------------------------------------------------------------


def _erased(event: AccountErased) -> None:
    forget(event.user_id)


def _letters_due(event: LettersDue) -> None:
    send_letters(event.notice_ids)
