"""A board's sorting and filters, as they stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from app.accounts.groups import GROUPS
from app.core.text import clean_line
from app.ideas.models import KINDS, STATUSES

SORTS = ("top", "trending", "newest", "discussed")


@dataclass(frozen=True)
class BoardFilter:
    """What of a board is shown, and in which order. Empty: everything. `theme` is a theme's key."""

    city: str
    sort: str = "top"
    theme: str = ""
    kind: str = ""
    status: str = ""
    workshop: str = ""
    group: str = ""
    q: str = ""

    def url(self, **changes: str) -> str:
        """The board's address with these changes; what is default or empty stays out of it."""
        query = _query(replace(self, **changes))
        return f"/{quote(self.city)}" + (f"?{urlencode(query)}" if query else "")

    def next_url(self, after: str) -> str:
        """The address of the page that follows the key `after`."""
        return f"/{quote(self.city)}?{urlencode({**_query(self), 'after': after})}"

    @property
    def active_count(self) -> int:
        """How many filters are set, the search among them."""
        return sum(
            bool(getattr(self, name)) for name in ("theme", "kind", "status", "workshop", "group", "q")
        )

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the board."""
        return self.active_count > 0

    def facts(self) -> dict[str, str]:
        """What a script needs to tell whether a new idea belongs to the list."""
        return {name: value for name, value in asdict(self).items() if value and name not in ("city", "sort")}


def _query(chosen: BoardFilter) -> dict[str, str]:
    values = asdict(chosen)
    del values["city"]
    return {name: value for name, value in values.items() if value and (name, value) != ("sort", "top")}


def board_filter(city: str, args: Mapping[str, Any]) -> BoardFilter:
    """The filter an address asks for; words it does not know count as not said."""

    def one_of(name: str, known: tuple[str, ...], default: str = "") -> str:
        value = str(args.get(name, ""))
        return value if value in known else default

    workshop = str(args.get("workshop", ""))
    theme = str(args.get("theme", ""))
    return BoardFilter(
        city=city,
        sort=one_of("sort", SORTS, "top"),
        theme=theme if theme.replace("-", "").replace("_", "").isalnum() and len(theme) <= 60 else "",
        kind=one_of("kind", KINDS),
        status=one_of("status", STATUSES),
        workshop=workshop
        if workshop in ("online", "paper")
        or (workshop.isascii() and workshop.isdigit() and len(workshop) < 3)
        else "",
        group=one_of("group", GROUPS),
        q=clean_line(str(args.get("q", "")))[:100],
    )
