"""Who takes part, on which devices they are signed in, and the links that work once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.groups import GROUPS
from app.core.database import UtcDateTime
from app.core.extensions import Model

ORIGINS = ("registered", "imported", "sample")
PURPOSES = ("organiser", "reset", "confirm", "email")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f'"{column}" IN ({", ".join(repr(value) for value in values)})'


class User(Model):
    """A participant: registered, or brought along by an import or the sample content (these never sign in).

    `email` is an address this person owns; `claimed_email` is what an account says that has not confirmed it
    yet. Only the first is unique, so nobody can occupy an address by typing it, and registering with a
    taken one looks exactly like registering with a free one.
    """

    __allow_unmapped__ = True  # for the two attributes that live only as long as a request
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(_one_of("group", GROUPS), name="group_known"),
        CheckConstraint(_one_of("origin", ORIGINS), name="origin_known"),
        CheckConstraint("email IS NULL OR claimed_email IS NULL", name="one_address"),
        CheckConstraint("password_hash IS NULL OR origin = 'registered'", name="only_registered_sign_in"),
        Index("ix_users_claimed_email", "claimed_email"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    claimed_email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    group: Mapped[str] = mapped_column(String(20))
    affiliation: Mapped[str | None] = mapped_column(String(120))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_organiser: Mapped[bool] = mapped_column(default=False, server_default=false())
    origin: Mapped[str] = mapped_column(String(10), default="registered", server_default="registered")
    import_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    banned_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    room_id: Mapped[int | None]
    """The workshop in which the account was made without an e-mail address; None once it has one."""

    # Flask-Login asks for these. They belong to the request that carries the session, not to the row.
    is_authenticated = True
    is_anonymous = False
    session_id: int | None = None
    session_token: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the account still exists for its owner."""
        return self.erased_at is None

    @property
    def address(self) -> str | None:
        """Where mail to this person goes: the confirmed address, else the claimed one."""
        return self.email or self.claimed_email

    @property
    def is_confirmed(self) -> bool:
        """Whether the e-mail address is known to be this person's, or a workshop's code has let them in."""
        return self.confirmed_at is not None

    def get_id(self) -> str:
        """What Flask-Login puts into the signed cookie: the token of this session, not the user's id."""
        return self.session_token or ""


class Session(Model):
    """One browser in which somebody is signed in. The token itself is only in that browser's cookie."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id_ended_at", "user_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="raise")


class OneTimeLink(Model):
    """A link in a mail or on the console that does one thing, once, until it expires. Stored as a hash."""

    __tablename__ = "one_time_links"
    __table_args__ = (
        CheckConstraint(_one_of("purpose", PURPOSES), name="purpose_known"),
        Index("ix_one_time_links_user_id", "user_id"),
        Index("ix_one_time_links_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
