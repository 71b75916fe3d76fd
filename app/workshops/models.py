"""Which screens show a workshop, what was counted by hand, and what remains of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import UtcDateTime
from app.core.extensions import Model

MODES = (
    "join", "wall", "top", "spotlight", "contrast", "themes", "timer", "agenda", "blank", "thanks",
)  # fmt: skip
FOLLOW = "follow"
"""The mode of a screen that shows what the remote says."""


class Screen(Model):
    """A projector or TV, which is nobody: it is known by a link, and sees public content of one city."""

    __tablename__ = "screens"

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"), index=True)
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("workshops.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    mode: Mapped[str] = mapped_column(String(10), default=FOLLOW)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Pairing(Model):
    """A TV shows `code` and waits; a moderator types it into the remote, and the TV becomes a screen.

    The TV proves with a secret that it is the one that shows the code. The token of its screen's link waits here for
    the moment until the TV fetches it, once.
    """

    __tablename__ = "pairings"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    screen_token: Mapped[str | None] = mapped_column(String(64))


class PaperTally(Model):
    """So many upvotes of an idea, counted by hand in a workshop: raised hands, dots on paper."""

    __tablename__ = "paper_tallies"
    __table_args__ = (CheckConstraint("upvotes > 0", name="upvotes_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), index=True)
    upvotes: Mapped[int]
    is_counted: Mapped[bool] = mapped_column(default=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkshopResult(Model):
    """What a workshop had said when it was closed: frozen, whatever becomes of the board."""

    __tablename__ = "workshop_results"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)


class Rehearsal(Model):
    """Simulated people practise a workshop with its moderators, one run at a time.

    `run` names the run at work, so that an older one notices that it is over. It says so at each beat with `seen_at`:
    where that stopped without `ended_at`, its process ended. `until` is set once the workshop is open and time runs.
    """

    __tablename__ = "rehearsals"

    workshop_id: Mapped[int] = mapped_column(
        ForeignKey("workshops.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    run: Mapped[str] = mapped_column(String(32))
    people: Mapped[int]
    minutes: Mapped[int]
    silent: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
