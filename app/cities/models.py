"""Editions, cities (a city's row is its board), workshops, themes, and the numbered changes of a board."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import UtcDateTime
from app.core.extensions import Model

AUDIENCES = ("stakeholders", "students", "residents")
MODERATION = ("after", "before")
PHASES = ("lobby", "collect", "discuss", "vote", "reveal", "closed")
BUDGET_MAX = 20


class Edition(Model):
    """One run of the series."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    motto: Mapped[str] = mapped_column(String(120))
    year: Mapped[int] = mapped_column(unique=True)
    is_current: Mapped[bool] = mapped_column(default=False)


class City(Model):
    """A stop of an edition, and its board. `seq` is the number of the board's last change.

    `moderation` says whether moderators look after publication or before it; `queue_seq` numbers what changes in
    their queue. `more_languages` are codes beside `language`, separated by commas.
    """

    __tablename__ = "cities"
    __table_args__ = (
        CheckConstraint("seq >= 0", name="seq_not_negative"),
        UniqueConstraint("edition_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(10))
    question: Mapped[str | None] = mapped_column(String(200))
    partner: Mapped[str | None] = mapped_column(String(120))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    source_text: Mapped[str | None] = mapped_column(Text)
    source_url: Mapped[str | None] = mapped_column(String(500))
    seq: Mapped[int] = mapped_column(default=0)
    queue_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    more_languages: Mapped[str] = mapped_column(String(80), default="", server_default="")
    posting_is_open: Mapped[bool] = mapped_column(default=True, server_default=true())
    moderation: Mapped[str] = mapped_column(String(10), default="after", server_default="after")
    is_public: Mapped[bool] = mapped_column(default=True, server_default=true())

    workshops: Mapped[list[Workshop]] = relationship(order_by="Workshop.number")


class Workshop(Model):
    """One of a city's sessions, and what drives it: its phase, its timer, and what its screens show.

    `state_seq` numbers every change of these, so that phones and screens know what is newer. A running timer has an
    end, a paused one what is left, in milliseconds. `upvote_budget` is None where there is no limit. While
    `hides_counts`, upvotes given in the workshop are not counted before the phase *reveal*. `spotlight_id` is an idea.
    """

    __tablename__ = "workshops"
    __table_args__ = (
        UniqueConstraint("city_id", "number"),
        CheckConstraint(f"audience IN {AUDIENCES}", name="audience_known"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
    number: Mapped[int]
    audience: Mapped[str] = mapped_column(String(20))
    title: Mapped[str | None] = mapped_column(String(120))
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    question: Mapped[str | None] = mapped_column(String(200))
    phase: Mapped[str] = mapped_column(String(10), default="lobby", server_default="lobby")
    upvote_budget: Mapped[int | None]
    hides_counts: Mapped[bool] = mapped_column(default=False, server_default=false())
    join_code: Mapped[str | None] = mapped_column(String(8), index=True, unique=True)
    email_is_optional: Mapped[bool] = mapped_column(default=False, server_default=false())
    state_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    spotlight_id: Mapped[int | None]
    shows: Mapped[str] = mapped_column(String(10), default="join", server_default="join")
    contrasts: Mapped[str] = mapped_column(String(60), default="", server_default="")
    agenda: Mapped[str] = mapped_column(Text, default="", server_default="")
    timer_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    timer_left_ms: Mapped[int | None]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_open(self) -> bool:
        """Whether people are in it: its phase is between the lobby and the end, and somebody has opened it."""
        return self.opened_at is not None and self.phase != "closed"

    def is_running(self, at: datetime) -> bool:
        """Whether `at` lies within the workshop's time."""
        return bool(self.starts_at and self.ends_at and self.starts_at <= at < self.ends_at)


class Theme(Model):
    """A word of the vocabulary shared by all cities."""

    __tablename__ = "themes"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    position: Mapped[int]
    is_retired: Mapped[bool] = mapped_column(default=False, server_default=false())


class ThemeName(Model):
    """A theme's name in one language."""

    __tablename__ = "theme_names"

    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Change(Model):
    """One numbered entry of a board's history: 1, 2, 3 … without gaps.

    `idea_id` and `comment_id` are no foreign keys: a change outlives the removal of sample content.
    """

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_city_id_idea_id_number", "city_id", "idea_id", "number"),)

    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(30))
    idea_id: Mapped[int]
    comment_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Participation(Model):
    """A person has posted, commented or upvoted on a board: the "people" of its figures.

    While `set_aside_at` is set, a moderator has found that this person's upvotes here do not count.
    """

    __tablename__ = "participations"

    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Moderator(Model):
    """Somebody who curates a city's board."""

    __tablename__ = "moderators"
    __table_args__ = (Index("ix_moderators_user_id", "user_id"),)

    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    appointed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attendance(Model):
    """Somebody has joined a workshop with its code. `is_helper`: may type in what others say on paper."""

    __tablename__ = "attendances"
    __table_args__ = (Index("ix_attendances_user_id", "user_id"),)

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_helper: Mapped[bool] = mapped_column(default=False, server_default=false())
    follows: Mapped[bool] = mapped_column(default=True)
