"""What happens around cities."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RightsChanged:
    """Somebody may see more or less than before; what they have open must ask again."""

    user_id: int


@dataclass(frozen=True)
class BoardRulesChanged:
    """A board is open to other people than before, or takes posts in another way."""

    city_id: int


@dataclass(frozen=True)
class EditionEnded:
    """A run of the series is the current one no longer."""

    edition_id: int


@dataclass(frozen=True)
class ThemeRenamed:
    """A theme has another name; what is kept of pages that show it is out of date."""

    theme_id: int
