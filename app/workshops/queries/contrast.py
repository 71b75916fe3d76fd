"""Two stakeholder groups side by side: what each upvotes most, and what they share."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.groups import GROUPS, group_label
from app.accounts.models import User
from app.cities.models import City
from app.core.extensions import db
from app.ideas.models import Idea, Upvote
from app.ideas.queries.cards import cards_standing
from app.ideas.queries.views import IdeaCard

TOP = 5
EXPERTS = "stakeholders"
SIDES: dict[str, tuple[str, ...]] = {
    **{group: (group,) for group in GROUPS},
    EXPERTS: ("city_administration", "company", "institute", "university"),
}
"""What can stand on a side: a stakeholder group, or all that speak for an organisation together."""


@dataclass(frozen=True)
class Placed:
    """An idea among a side's five: its place there, 1 to 5, and that side's upvotes."""

    idea: IdeaCard
    rank: int
    upvotes: int


@dataclass(frozen=True)
class Shared:
    """An idea among both sides' five."""

    idea: IdeaCard
    left: Placed
    right: Placed


@dataclass(frozen=True)
class Contrast:
    """Two sides: what only each has among its five, and in the middle what both have."""

    left_label: str
    right_label: str
    left: tuple[Placed, ...]
    right: tuple[Placed, ...]
    shared: tuple[Shared, ...]

    @property
    def is_empty(self) -> bool:
        """Whether neither side has upvoted anything yet."""
        return not (self.left or self.right or self.shared)


def side_label(side: str) -> str:
    """A side's name in the reader's language; `side` is one of SIDES."""
    return _("Stakeholders") if side == EXPERTS else str(group_label(side))


def contrast_of(city: City, chosen: str = "") -> Contrast:
    """The contrast of the two sides in `chosen` ("student,resident"); else of those two groups that upvoted most."""
    counts = _counted(city)
    one, other = _sides(chosen, counts)
    left, right = _top(SIDES[one], counts), _top(SIDES[other], counts)
    cards = _cards({*left, *right})
    both = [idea_id for idea_id in left if idea_id in right]
    placed_left, placed_right = _placed(left, cards), _placed(right, cards)
    return Contrast(
        left_label=side_label(one),
        right_label=side_label(other),
        left=tuple(placed for idea_id, placed in placed_left.items() if idea_id not in both),
        right=tuple(placed for idea_id, placed in placed_right.items() if idea_id not in both),
        shared=tuple(
            Shared(placed_left[idea_id].idea, placed_left[idea_id], placed_right[idea_id])
            for idea_id in both
            if idea_id in placed_left
        ),
    )


def _counted(city: City) -> dict[int, dict[str, int]]:
    """Upvotes that count, by idea and group."""
    found: dict[int, dict[str, int]] = {}
    for idea_id, group, count in db.session.execute(
        select(Upvote.idea_id, User.group, func.count())
        .join(User, User.id == Upvote.user_id)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Idea.city_id == city.id, Idea.state == "published", Upvote.is_counted.is_(True))
        .group_by(Upvote.idea_id, User.group)
    ):
        found.setdefault(idea_id, {})[group] = count
    return found


def _sides(chosen: str, counts: dict[int, dict[str, int]]) -> tuple[str, str]:
    asked = [side for side in dict.fromkeys(chosen.split(",")) if side in SIDES]
    by_group = {group: sum(groups.get(group, 0) for groups in counts.values()) for group in GROUPS}
    for group in sorted(GROUPS, key=lambda group: -by_group[group]):
        if len(asked) < 2 and group not in asked:
            asked.append(group)
    return asked[0], asked[1]


def _top(groups: tuple[str, ...], counts: dict[int, dict[str, int]]) -> dict[int, int]:
    """The five ideas with most upvotes of these groups, most first, with them."""
    sums = {idea_id: sum(found.get(group, 0) for group in groups) for idea_id, found in counts.items()}
    best = sorted(
        (idea_id for idea_id in sums if sums[idea_id]), key=lambda idea_id: (-sums[idea_id], -idea_id)
    )
    return {idea_id: sums[idea_id] for idea_id in best[:TOP]}


def _cards(idea_ids: set[int]) -> dict[int, IdeaCard]:
    rows = db.session.execute(
        select(Idea.id, Idea.version, Idea.upvote_count).where(
            Idea.id.in_(idea_ids), Idea.state == "published"
        )
    )
    return {card.id: card for card in cards_standing([(row[0], row[1], row[2]) for row in rows])}


def _placed(top: dict[int, int], cards: dict[int, IdeaCard]) -> dict[int, Placed]:
    return {
        idea_id: Placed(cards[idea_id], rank, count)
        for rank, (idea_id, count) in enumerate(top.items(), start=1)
        if idea_id in cards
    }
