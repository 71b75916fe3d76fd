"""Ideas, their comments, upvotes, themes and earlier versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.database import UtcDateTime
from app.core.extensions import Model

KINDS = ("challenge", "opportunity")
STATES = ("published", "held", "hidden", "merged", "withdrawn")
STATUSES = ("new", "in_discussion", "shortlisted", "taken_up", "not_pursued")
STANCES = ("support", "concern")
COMMENT_STATES = ("published", "held", "hidden", "withdrawn")
TITLE_MIN, TITLE_MAX, TEXT_MAX, COMMENT_MAX, THEMES_MAX, PINS_MAX = 8, 120, 5000, 2000, 3, 3


class Idea(Model):
    """What people post. `version` rises with every change of its card, `last_change` is that change's number.

    `heat` orders by trending, see `app.ideas.heat`. A merged idea's comments and upvotes are found on `merged_into_id`,
    marked with where they came from, until the merge is undone.
    """

    __tablename__ = "ideas"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        CheckConstraint(f"status IN {STATUSES}", name="status_known"),
        CheckConstraint("upvote_count >= 0", name="upvotes_not_negative"),
        CheckConstraint("comment_count >= 0", name="comments_not_negative"),
        UniqueConstraint("author_id", "submission_key"),
        Index("ix_ideas_top", "city_id", "state", "upvote_count", "id"),
        Index("ix_ideas_trending", "city_id", "state", "heat", "id"),
        Index("ix_ideas_newest", "city_id", "state", "created_at", "id"),
        Index("ix_ideas_discussed", "city_id", "state", "comment_count", "id"),
        Index("ix_ideas_pinned", "city_id", "pinned_at"),
        {"sqlite_autoincrement": True},  # an address never leads to another idea later
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("workshops.id"), index=True)
    on_paper: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(TITLE_MAX))
    text: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(String(240))
    language: Mapped[str] = mapped_column(String(35))
    state: Mapped[str] = mapped_column(String(20), default="published")
    status: Mapped[str] = mapped_column(String(20), default="new")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    upvote_count: Mapped[int] = mapped_column(default=0)
    comment_count: Mapped[int] = mapped_column(default=0)
    heat: Mapped[float] = mapped_column(Float(53), default=0.0)
    version: Mapped[int] = mapped_column(default=1)
    last_change: Mapped[int] = mapped_column(default=0)
    submission_key: Mapped[str | None] = mapped_column(String(64))
    import_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    is_locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    pinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ideas.id"), index=True)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paper_upvotes: Mapped[int] = mapped_column(default=0, server_default="0")

    author: Mapped[User] = relationship()
    themes: Mapped[list[IdeaTheme]] = relationship(
        order_by="IdeaTheme.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def is_published(self) -> bool:
        """Whether everyone may see it."""
        return self.state == "published"


class IdeaTheme(Model):
    """One of an idea's one to three themes, first things first."""

    __tablename__ = "idea_themes"
    __table_args__ = (
        UniqueConstraint("idea_id", "position"),
        CheckConstraint(f"position >= 0 AND position < {THEMES_MAX}", name="at_most_three"),
        Index("ix_idea_themes_theme_id_idea_id", "theme_id", "idea_id"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"), primary_key=True)
    position: Mapped[int]


class IdeaRevision(Model):
    """What an idea said before an edit; `at` is when that edit replaced it."""

    __tablename__ = "idea_revisions"

    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(TITLE_MAX))
    text: Mapped[str] = mapped_column(Text)
    theme_ids: Mapped[str] = mapped_column(String(60))


class Comment(Model):
    """On an idea; a reply's `parent_id` is a comment that is no reply itself.

    `came_with_id` is the merged idea it was written on.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint(f"state IN {COMMENT_STATES}", name="state_known"),
        CheckConstraint(f"stance IS NULL OR stance IN {STANCES}", name="stance_known"),
        UniqueConstraint("author_id", "submission_key"),
        Index("ix_comments_idea_id_created_at", "idea_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    stance: Mapped[str | None] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(35))
    state: Mapped[str] = mapped_column(String(20), default="published")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    submission_key: Mapped[str | None] = mapped_column(String(64))
    import_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    came_with_id: Mapped[int | None]
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("workshops.id"), index=True)

    idea: Mapped[Idea] = relationship()
    author: Mapped[User] = relationship()


class CommentRevision(Model):
    """What a comment said before an edit."""

    __tablename__ = "comment_revisions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    stance: Mapped[str | None] = mapped_column(String(10))


class Upvote(Model):
    """One per person and idea. `is_counted` once the person's e-mail is confirmed, unless they were set aside.

    `came_with_id` is the merged idea it was given to.
    """

    __tablename__ = "upvotes"
    __table_args__ = (
        Index("ix_upvotes_user_id_created_at", "user_id", "created_at"),
        Index("ix_upvotes_workshop_id_user_id", "workshop_id", "user_id"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    is_counted: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    came_with_id: Mapped[int | None]
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("workshops.id"))
