"""The short list of reasons, named in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import get_locale
from sqlalchemy import select

from app.core.extensions import db
from app.moderation.models import Reason, ReasonName


@dataclass(frozen=True)
class ReasonView:
    """A reason to report or to hide something."""

    id: int
    name: str


def reasons() -> tuple[ReasonView, ...]:
    """The reasons there are to choose from, in the organiser's order."""
    return tuple(
        ReasonView(reason_id, name) for reason_id, (name, retired) in _named().items() if not retired
    )


def reason_names() -> dict[int, str]:
    """All reasons by id, the retired ones too: acts of long ago name them."""
    return {reason_id: name for reason_id, (name, _retired) in _named().items()}


def reason_name(reason_id: int) -> str:
    """What one reason is called; empty where there is none."""
    return reason_names().get(reason_id, "")


def _named() -> dict[int, tuple[str, bool]]:
    """Names in the reader's language, else in English, by id, in order."""
    language = get_locale().language if get_locale() else "en"
    rows = db.session.execute(
        select(Reason.id, Reason.is_retired, ReasonName.name)
        .join(ReasonName, ReasonName.reason_id == Reason.id)
        .where(ReasonName.language.in_((language, "en")))
        .order_by(Reason.position, (ReasonName.language == language).desc())
    )
    found: dict[int, tuple[str, bool]] = {}
    for reason_id, is_retired, name in rows:
        found.setdefault(reason_id, (name, is_retired))
    return found
