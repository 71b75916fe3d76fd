"""What happens in a workshop. Ids only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkshopChanged:
    """Its phase, timer, spotlight or what its screens show is not what it was; `seq` numbers these changes."""

    city_id: int
    workshop_id: int
    seq: int


@dataclass(frozen=True)
class RoomChanged:
    """Somebody joined, posted or voted: the numbers of the room."""

    city_id: int
    workshop_id: int


@dataclass(frozen=True)
class ScreensChanged:
    """These screens show something else from now on, or are revoked."""

    city_id: int
    screen_ids: tuple[int, ...]
    revoked: bool = False
