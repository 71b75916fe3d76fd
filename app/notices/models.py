"""What somebody is to be told, and how they want to be told by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import UtcDateTime
from app.core.extensions import Model

SAID = ("comment", "reply")
"""What others said; several of them about one idea are gathered into one line."""
DECIDED = (
    "hide",
    "decline",
    "hold",
    "restore",
    "approve",
    "merge",
    "merged_in",
    "answer",
    "taken_back",
    "objection",
)
"""What became of the reader's own idea or comment."""
KINDS_OF_NOTICE = (*SAID, *DECIDED, "taken_up", "verify", "unverify", "report")
WAYS = ("each", "daily", "none")
USUAL_WAY = "daily"


class Notice(Model):
    """One thing one person is told. Never a text: what it speaks of is read when it is shown, with the reader's rights.

    `details` holds what no row says later: `status` of an answer, the `other` idea of a merge, the `kind` of act that
    was taken back, the `outcome` of a report or objection. `act_id` is no foreign key. `mailed_at` is when the letter
    about it left, or when its reader chose to get none; while it is empty and the notice unread, the digest waits.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS_OF_NOTICE}", name="kind_known"),
        Index("ix_notices_newest", "user_id", "id"),
        Index("ix_notices_unread", "user_id", "read_at"),
        Index("ix_notices_unmailed", "mailed_at", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    act_id: Mapped[int | None] = mapped_column(index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeChoice(Model):
    """How somebody wants mail; without a row, the usual way. `digest_at` is when their last digest was written."""

    __tablename__ = "notice_choices"
    __table_args__ = (CheckConstraint(f"mail IN {WAYS}", name="mail_known"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mail: Mapped[str] = mapped_column(String(10), default=USUAL_WAY, server_default=USUAL_WAY)
    digest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
