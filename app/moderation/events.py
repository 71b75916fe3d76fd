"""What moderators, and those who report, bring about. Ids only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Acted:
    """An act is in the log. `undoes`: it takes an earlier one back."""

    act_id: int
    kind: str
    city_id: int
    idea_id: int | None
    comment_id: int | None
    user_id: int | None
    by_id: int | None
    undoes: bool = False


@dataclass(frozen=True)
class QueueChanged:
    """These items of a city's queue are not what they were."""

    city_id: int
    item_ids: tuple[int, ...]


@dataclass(frozen=True)
class ReportsDecided:
    """What these people reported is decided: `outcome` upheld, dismissed, or moot where nothing was left to decide."""

    city_id: int
    idea_id: int
    comment_id: int | None
    outcome: str
    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class ObjectionDecided:
    """The author's objection to an act was upheld or dismissed."""

    act_id: int
    user_id: int
    outcome: str
