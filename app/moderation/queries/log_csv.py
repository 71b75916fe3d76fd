"""The public log as a table for spreadsheets: a line each, nothing that a spreadsheet would take for a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from app.core.spreadsheets import Cell, csv_row
from app.moderation.queries.log import LogLine

HEADER = (
    "time", "act", "subject", "role", "words", "reason", "sentence", "title", "address", "merged_into_title",
    "merged_into_address", "takes_back", "taken_back_at", "waited_minutes",
)  # fmt: skip


def csv_of(lines: Iterable[LogLine], origin: str) -> Iterator[str]:
    """The header and a row each; addresses are whole, beginning with `origin`."""
    yield csv_row(HEADER)
    for line in lines:
        yield csv_row(_cells(line, origin))


def _cells(line: LogLine, origin: str) -> Sequence[Cell]:
    zone = ZoneInfo(line.time_zone)
    return (
        line.at.astimezone(zone).isoformat(timespec="seconds"),
        line.kind,
        line.subject,
        line.role,
        line.words,
        line.reason,
        line.sentence,
        line.title,
        origin + line.url if line.url else "",
        line.into_title,
        origin + line.into_url if line.into_url else "",
        "yes" if line.undoes else "no",
        line.undone_at.astimezone(zone).isoformat(timespec="seconds") if line.undone_at else "",
        "" if line.waited_seconds is None else round(line.waited_seconds / 60, 1),
    )
