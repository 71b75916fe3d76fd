"""A workshop's result as a table for spreadsheets: a public idea each, most upvoted first."""

from __future__ import annotations

from collections.abc import Iterator

from app.accounts.groups import GROUPS
from app.core.spreadsheets import Cell, csv_row
from app.workshops.queries.result_views import IdeaSaid, ResultPage

HEADER = (
    "place", "address", "title", "language", "kind", "themes", "group", "posted_here", "on_paper", "upvotes",
    *(f"upvotes_{group}" for group in GROUPS), "upvotes_on_paper", "comments",
)  # fmt: skip


def csv_of(page: ResultPage, origin: str) -> Iterator[str]:
    """The header and a row an idea; addresses are whole, beginning with `origin`."""
    yield csv_row(HEADER)
    groups = [group.key for group in page.groups]
    for said in page.ideas:
        yield csv_row(_cells(said, dict(zip(groups, said.by_group, strict=True)), origin))


def _cells(said: IdeaSaid, by_group: dict[str, int], origin: str) -> tuple[Cell, ...]:
    return (
        said.place or "",
        origin + said.idea.url,
        said.idea.title,
        said.idea.language,
        said.kind,
        ", ".join(said.themes),
        said.group_label,
        "yes" if said.posted_here else "no",
        "yes" if said.on_paper else "no",
        said.upvotes,
        *(by_group.get(group, 0) for group in GROUPS),
        said.on_paper_upvotes,
        said.comments,
    )
