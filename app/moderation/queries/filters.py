"""What of a queue is asked for, as it stands in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from app.core.database import is_id
from app.core.text import clean_line
from app.moderation.models import NEEDS, SUBJECTS

SETTLED = "settled"
"""In place of a need: what was decided lately, so that it can be restored for ever."""


@dataclass(frozen=True)
class QueueFilter:
    """`needs` is one of NEEDS, `settled`, or "" for all that waits; `q` is words of a title, a text or a name."""

    city: str
    needs: str = ""
    subject: str = ""
    q: str = ""

    @property
    def query(self) -> str:
        """What stands behind the question mark."""
        return urlencode({name: value for name, value in asdict(self).items() if value and name != "city"})

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a tab is chosen."""
        return bool(self.subject or self.q)

    def url(self, **changes: str) -> str:
        """The queue's address with these changes."""
        query = replace(self, **changes).query
        return f"/{quote(self.city)}/moderate" + (f"?{query}" if query else "")

    def next_url(self, after: str) -> str:
        """The address of the rows that follow the key `after`."""
        mark = "&" if self.query else "?"
        return f"{self.url()}{mark}{urlencode({'after': after})}"


@dataclass(frozen=True)
class Key:
    """Where a page of the queue ended: at this row, with its urgency and its time."""

    urgency: int
    since: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.urgency}~{self.since.isoformat()}~{self.id}"


def queue_filter(city: str, args: Mapping[str, Any]) -> QueueFilter:
    """The filter an address asks for; words it does not know count as not said."""
    needs, subject = str(args.get("needs", "")), str(args.get("subject", ""))
    return QueueFilter(
        city=city,
        needs=needs if needs in (*NEEDS, SETTLED) else "",
        subject=subject if subject in SUBJECTS else "",
        q=clean_line(str(args.get("q", "")))[:100],
    )


def read_key(value: str) -> Key | None:
    """The key an address carries; None where it cannot be read: then the queue starts at its beginning."""
    urgency, _, rest = value.partition("~")
    since, _, row = rest.rpartition("~")
    try:
        moment = datetime.fromisoformat(since)
        key = Key(int(urgency), moment.astimezone(UTC), int(row))
    except (ValueError, OverflowError):
        return None
    return key if 0 <= key.urgency < len(NEEDS) and moment.tzinfo and is_id(key.id) else None
