"""Looks for what no single report shows: bursts of upvotes from new accounts, and the same text over and over.

An alert only shows moderators what was seen. Nothing is taken away by it. Whoever joined one of the city's workshops
with its code is left out of bursts: forty accounts of the same minute that upvote together are a room.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from rapidfuzz import fuzz
from sqlalchemy import select

from app.accounts.models import User
from app.core.clock import now
from app.core.extensions import db
from app.core.keeping import of_app
from app.core.text import fold
from app.core.unit_of_work import unit_of_work
from app.ideas.events import Contributed, UpvotesChanged
from app.ideas.models import Comment, Idea
from app.moderation.actions.queueing import raise_alert
from app.moderation.queries.bursts import BURST_WINDOW, LAGS, NEW_ACCOUNT, new_upvoters

BURST = 10
"""So many upvotes of one idea, from accounts younger than an hour, within ten minutes."""
ALIKE_WINDOW = timedelta(hours=1)
ALIKE = 3
ALIKE_SCORE = 90
"""Of 100, between two folded texts."""
ALIKE_LEAST = 20
"""Characters; shorter texts are alike by chance."""
LOOKED_AT = 200
_folded = lru_cache(maxsize=10 * LOOKED_AT)(
    fold
)  # each post looks at the same latest ones as the one before it


def look_for_burst(event: UpvotesChanged) -> None:
    """After an upvote by a new account: are there many on this idea? One alert an idea and hour.

    Not every upvote is worth a look: below BURST the next one comes with half of what is missing, and an alert is
    brought up to date once it has doubled; and at the latest with the first upvote after a minute.
    """
    at = now()
    if not event.upvoted or event.registered_at is None or event.registered_at <= at - NEW_ACCOUNT:
        return
    last = _looks().get(event.idea_id)
    if last is not None and last.is_enough(at):
        return
    user_ids = new_upvoters(event.city_id, event.idea_id, at)
    found = len(user_ids)
    if found < BURST:
        _note(event.idea_id, _Look(at, (BURST - found) // 2))
        return
    seen = {
        "what": "burst",
        "count": found,
        "minutes": int(BURST_WINDOW.total_seconds() // 60),
        "user_ids": user_ids,
        "idea_ids": [event.idea_id],
        "until": at.isoformat(),
    }
    key = f"burst:{event.idea_id}:{_hour(at)}"
    with unit_of_work():
        is_told = raise_alert(event.city_id, key, seen, at, idea_id=event.idea_id)
    _note(event.idea_id, _Look(at, found if is_told else found // 4))


@dataclass
class _Look:
    """When this process last looked at who upvotes an idea, and after how many more upvotes it does again."""

    at: datetime
    more: int

    def is_enough(self, at: datetime) -> bool:
        """Whether one more upvote is not worth another look."""
        self.more -= 1
        return self.more > 0 and self.at <= at < self.at + LAGS


def _looks() -> dict[int, _Look]:
    return of_app("looks_for_bursts", dict)


def _note(idea_id: int, look: _Look) -> None:
    looks = _looks()
    for other in [key for key, one in list(looks.items()) if one.at + LAGS <= look.at]:
        looks.pop(other, None)
    looks[idea_id] = look


def look_for_copies(event: Contributed) -> None:
    """After a post: how many of the last hour on this board say nearly the same? One alert a text and hour."""
    if not event.is_new:
        return
    at = now()
    recent = _recent(event.city_id, at)
    mine = next((text for kind, ident, _user, text in recent if (kind, ident) == _subject(event)), "")
    if len(mine) < ALIKE_LEAST:
        return
    alike = [one for one in recent if fuzz.ratio(mine, one[3], score_cutoff=ALIKE_SCORE) > 0]
    if len(alike) < ALIKE:
        return
    seen = {
        "what": "copies",
        "count": len(alike),
        "minutes": int(ALIKE_WINDOW.total_seconds() // 60),
        "user_ids": sorted({user_id for _kind, _ident, user_id, _text in alike}),
        "idea_ids": sorted(ident for kind, ident, _user, _text in alike if kind == "idea"),
        "comment_ids": sorted(ident for kind, ident, _user, _text in alike if kind == "comment"),
    }
    kind, ident = min((one[0], one[1]) for one in alike)
    with unit_of_work():
        raise_alert(event.city_id, f"copies:{kind}:{ident}", seen, at)


def _subject(event: Contributed) -> tuple[str, int]:
    return ("comment", event.comment_id) if event.comment_id is not None else ("idea", event.idea_id)


def _recent(city_id: int, at: datetime) -> list[tuple[str, int, int, str]]:
    """(kind, id, author, folded text) of the board's latest posts; simulated people may repeat themselves."""
    since = at - ALIKE_WINDOW
    ideas = db.session.execute(
        select(Idea.id, Idea.author_id, Idea.title, Idea.text)
        .join(User, User.id == Idea.author_id)
        .where(
            Idea.city_id == city_id,
            Idea.created_at > since,
            Idea.state != "withdrawn",
            User.origin != "sample",
        )
        .order_by(Idea.id.desc())
        .limit(LOOKED_AT)
    )
    comments = db.session.execute(
        select(Comment.id, Comment.author_id, Comment.text)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(User, User.id == Comment.author_id)
        .where(
            Idea.city_id == city_id,
            Comment.created_at > since,
            Comment.state != "withdrawn",
            User.origin != "sample",
        )
        .order_by(Comment.id.desc())
        .limit(LOOKED_AT)
    )
    return [
        *(("idea", ident, author, _folded(f"{title} {text}")) for ident, author, title, text in ideas),
        *(("comment", ident, author, _folded(text)) for ident, author, text in comments),
    ]


def _hour(at: datetime) -> str:
    return at.strftime("%Y%m%d%H")
