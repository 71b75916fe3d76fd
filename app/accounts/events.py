"""What can happen to an account. Ids only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EmailConfirmed:
    """The address is proven to be this person's, or a workshop's code let them in: now their upvotes count."""

    user_id: int


@dataclass(frozen=True)
class AccountErased:
    """The person is gone; what they said in public stays, under nobody's name."""

    user_id: int


@dataclass(frozen=True)
class SessionsEnded:
    """These browsers are signed out; whatever they still hold open must close."""

    session_ids: tuple[int, ...]


@dataclass(frozen=True)
class AffiliationVerified:
    """A moderator has confirmed for whom this person works."""

    user_id: int


@dataclass(frozen=True)
class AffiliationRefuted:
    """What was confirmed about this person's work is not any more, or could not be."""

    user_id: int
