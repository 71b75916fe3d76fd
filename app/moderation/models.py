"""What moderators work with: the queue, reports, objections, drafts of answers, and the acts of the public log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import UtcDateTime
from app.core.extensions import Model

NEEDS = ("objection", "held", "reported", "alert", "verify", "new")
"""Why an item waits, the most urgent first: its place here is its `urgency`."""
SUBJECTS = ("idea", "comment", "person", "alert")
ROLES = ("moderator", "organiser", "board")
KINDS_OF_ACT = (
    "hide", "restore", "hold", "approve", "decline", "keep", "pin", "unpin", "lock", "unlock", "retag",
    "merge", "unmerge", "answer", "ban", "lift_ban", "set_aside", "count_again", "verify", "unverify",
    "dismiss_alert", "settings",
)  # fmt: skip
OUTCOMES = ("upheld", "dismissed", "moot")
"""`moot`: there was nothing left to decide, since the author took it back or it became part of another idea."""
SENTENCE_MAX, ANSWER_MAX = 500, 5000


class Reason(Model):
    """Why something is reported or hidden: a row of the short list an organiser edits."""

    __tablename__ = "reasons"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    is_retired: Mapped[bool] = mapped_column(default=False, server_default=false())


class ReasonName(Model):
    """A reason in one language."""

    __tablename__ = "reason_names"

    reason_id: Mapped[int] = mapped_column(ForeignKey("reasons.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class QueueItem(Model):
    """An idea, a comment, a person's affiliation or an alert, and what it waits for: `needs`, or nothing ("").

    One row a subject, by `key` (`idea:42`, `comment:7`, `person:4:12`, `alert:…`). `stamp` is the queue's number when
    it last changed, `decisions` counts the acts on it. An item is not shown to `not_for_id` while another can take it.
    """

    __tablename__ = "queue_items"
    __table_args__ = (
        CheckConstraint(f"subject IN {SUBJECTS}", name="subject_known"),
        CheckConstraint(f"needs = '' OR needs IN {NEEDS}", name="needs_known"),
        Index("ix_queue_items_waiting", "city_id", "needs", "urgency", "since", "id"),
        Index("ix_queue_items_stamp", "city_id", "stamp"),
        Index("ix_queue_items_settled", "city_id", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
    subject: Mapped[str] = mapped_column(String(10))
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    needs: Mapped[str] = mapped_column(String(10))
    urgency: Mapped[int]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reports: Mapped[int] = mapped_column(default=0)
    decisions: Mapped[int] = mapped_column(default=0)
    stamp: Mapped[int]
    seen: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    not_for_id: Mapped[int | None]
    act_id: Mapped[int | None]
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Report(Model):
    """A participant finds that an item breaks the rules. `weight` is from 0 to 1, see `actions.reporting`."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("item_key", "user_id"),
        CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="outcome_known"),
        Index("ix_reports_user_id_outcome", "user_id", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_key: Mapped[str] = mapped_column(String(120))
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    reason_id: Mapped[int] = mapped_column(ForeignKey("reasons.id"))
    sentence: Mapped[str] = mapped_column(String(SENTENCE_MAX))
    weight: Mapped[float] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Objection(Model):
    """An author asks that an act be looked at again: once an act."""

    __tablename__ = "objections"
    __table_args__ = (CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="outcome_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("acts.id"), unique=True)
    item_key: Mapped[str] = mapped_column(String(120), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Act(Model):
    """One act of a moderator, an organiser or the board itself: a line of the public log, and what undoing needs.

    `idea_id` and `comment_id` are no foreign keys: the log outlives the removal of sample content. `before` and
    `after` hold what the act found and what it left. `waited_seconds`: how long the item had waited for it.
    """

    __tablename__ = "acts"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS_OF_ACT}", name="kind_known"),
        CheckConstraint(f"role IN {ROLES}", name="role_known"),
        Index("ix_acts_city_id_id", "city_id", "id"),
        Index("ix_acts_city_id_waited_seconds", "city_id", "waited_seconds"),
        Index("ix_acts_idea_id_comment_id", "idea_id", "comment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    role: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    idea_id: Mapped[int | None]
    comment_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("reasons.id"))
    sentence: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    waited_seconds: Mapped[int | None]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("acts.id"), index=True)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AnswerDraft(Model):
    """A status and an answer that are written, and not published yet."""

    __tablename__ = "answer_drafts"

    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
