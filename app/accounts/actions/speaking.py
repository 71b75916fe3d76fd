"""In which language somebody is spoken to."""

from __future__ import annotations

from app.accounts.models import User
from app.core.config import LANGUAGES
from app.core.unit_of_work import unit_of_work


def choose_language(user: User, language: str) -> None:
    """Remember the language of pages and mail; one of LANGUAGES, anything else raises ValueError."""
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language!r}")
    with unit_of_work():
        user.language = language
