"""What rose and what fell between two parts of a city's way: shares of themes, and places of ideas. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def percent(self) -> int:
        """Rounded; 0 of nothing."""
        return round(100 * self.count / self.of) if self.of else 0


@dataclass(frozen=True)
class ThemeMove:
    """A theme's share of the ideas in one part and in a later one; an idea can have up to three themes."""

    name: str
    before: Share
    after: Share

    @property
    def points(self) -> int:
        """Percentage points: above nought it rose."""
        return self.after.percent - self.before.percent


@dataclass(frozen=True)
class Place:
    """Where an idea stands among those upvoted in a part: 1 is first, and as many upvotes are the same place."""

    place: int
    upvotes: int


def theme_moves(
    before: Mapping[int, int],
    of_before: int,
    after: Mapping[int, int],
    of_after: int,
    names: Mapping[int, str],
) -> tuple[ThemeMove, ...]:
    """Every theme that has an idea in either part; what rose most first, what fell most last.

    `before` and `after` count ideas by theme. Empty where one of the parts has no idea: then nothing moved.
    """
    if not (of_before and of_after):
        return ()
    moves = [
        ThemeMove(name, Share(before.get(theme, 0), of_before), Share(after.get(theme, 0), of_after))
        for theme, name in names.items()
        if before.get(theme) or after.get(theme)
    ]
    return tuple(sorted(moves, key=lambda move: -move.points))


def places(upvotes: Mapping[int, int]) -> dict[int, Place]:
    """By idea, those with upvotes, the first first. `upvotes` counts them by idea."""
    found: dict[int, Place] = {}
    given = sorted(
        ((count, idea_id) for idea_id, count in upvotes.items() if count), key=lambda one: (-one[0], one[1])
    )
    place, last = 0, 0
    for number, (count, idea_id) in enumerate(given, start=1):
        if count != last:
            place, last = number, count
        found[idea_id] = Place(place, count)
    return found


def first_of(*parts: Mapping[int, Place], most: int) -> Sequence[int]:
    """The first `most` ideas of each part, in its order, by their best place in any."""
    best: dict[int, int] = {}
    for part in parts:
        for idea_id, stands in islice(part.items(), most):
            best[idea_id] = min(stands.place, best.get(idea_id, stands.place))
    return sorted(best, key=lambda idea_id: (best[idea_id], idea_id))
