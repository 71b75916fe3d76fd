"""The vocabulary of themes that all cities share: added, renamed, put in order, retired."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.cities.events import ThemeRenamed
from app.cities.models import Theme, ThemeName
from app.core.announce import announce
from app.core.config import LANGUAGES
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.text import clean_line, slugify
from app.core.unit_of_work import unit_of_work

NAME_MAX = 80


def add_theme(names: Mapping[str, str]) -> Theme:
    """A theme, the last in order, named in every language; its key is made of the English name. Raises Invalid."""
    checked = _checked(names)
    with unit_of_work():
        last = db.session.scalar(select(func.max(Theme.position))) or 0
        theme = Theme(key=_free_key(checked["en"]), position=last + 1)
        db.session.add(theme)
        db.session.flush()
        _name(theme, checked)
    return theme


def rename_theme(theme: Theme, names: Mapping[str, str]) -> None:
    """Give a theme other names, in the languages of `names`; cards show them anew. Raises Invalid for an empty one."""
    with unit_of_work():
        kept = dict(
            db.session.execute(
                select(ThemeName.language, ThemeName.name).where(ThemeName.theme_id == theme.id)
            ).all()
        )
        _name(theme, _checked({**kept, **names}))
        announce(ThemeRenamed(theme.id))


def retire_theme(theme: Theme, is_retired: bool) -> None:
    """Offer a theme no longer to those who post, or again; ideas keep it."""
    with unit_of_work():
        db.session.refresh(theme)
        theme.is_retired = is_retired


def place_theme(theme: Theme, position: int) -> int:
    """Make `theme` number `position`, from 1, in the order; the others close up.

    Returns the number it has now: the nearest that there is.
    """
    with unit_of_work():
        themes = list(db.session.scalars(select(Theme).order_by(Theme.position, Theme.id).with_for_update()))
        themes.remove(theme)
        themes.insert(min(max(position, 1), len(themes) + 1) - 1, theme)
        for number, one in enumerate(themes, start=1):
            one.position = number
    return theme.position


def theme_keyed(key: str) -> Theme | None:
    """The theme with this key."""
    return db.session.scalar(select(Theme).where(Theme.key == key))


def _checked(names: Mapping[str, str]) -> dict[str, str]:
    cleaned = {language: clean_line(names.get(language)) for language in LANGUAGES}
    for language, name in cleaned.items():
        if not 1 <= len(name) <= NAME_MAX:
            raise Invalid(
                _(
                    "Write the name in %(language)s, in 1 to %(most)d characters.",
                    language=LANGUAGES[language],
                    most=NAME_MAX,
                ),
                language,
            )
    return cleaned


def _name(theme: Theme, names: Mapping[str, str]) -> None:
    db.session.execute(delete(ThemeName).where(ThemeName.theme_id == theme.id))
    db.session.add_all(
        ThemeName(theme_id=theme.id, language=language, name=name) for language, name in names.items()
    )
    db.session.flush()


def _free_key(name: str) -> str:
    wanted = slugify(name, 50)
    taken = set(db.session.scalars(select(Theme.key)))
    further = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (wanted, *further) if key not in taken)
