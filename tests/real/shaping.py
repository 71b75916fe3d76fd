"""What both converters do: fit texts of any length into title and text, and write the files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.core.text import clean_line
from app.ideas.importing import columns
from app.ideas.models import TITLE_MAX, TITLE_MIN

FILES = {
    "ideas": columns.IDEAS + columns.IDEAS_OPTIONAL,
    "comments": columns.COMMENTS + columns.COMMENTS_OPTIONAL,
    "upvotes": columns.UPVOTES + columns.UPVOTES_OPTIONAL,
}


def shortened(title: str) -> str:
    """A title of at most 120 characters, cut between words where there are any, with an ellipsis."""
    title = clean_line(title)
    if len(title) <= TITLE_MAX:
        return title
    cut = title[: TITLE_MAX - 1]
    space = max(
        cut.rfind(sign) + keep for sign, keep in ((" ", 0), ("，", 0), ("。", 1), ("？", 1), ("；", 0))
    )
    return (cut[:space] if space > TITLE_MAX // 2 else cut).rstrip(" ,;:.-，") + "…"


def lengthened(title: str, text: str) -> str:
    """A title of at least 8 characters: one that is shorter goes on with the first words of the text."""
    title = clean_line(title)
    return title if len(title) >= TITLE_MIN else shortened(f"{title}: {clean_line(text)}")


def title_and_text(title: str, text: str) -> tuple[str, str]:
    """Both within the board's limits; what a shortened title said in full stands at the start of the text."""
    short = shortened(lengthened(title, text))
    if short.endswith("…") and len(clean_line(title)) > TITLE_MAX:
        text = f"{title.strip()}\n\n{text.strip()}".strip()
    return short, text.strip()


def write(folder: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write `ideas`, `comments` or `upvotes` as `<folder>/<name>.csv`; columns a row lacks stay empty."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FILES[name], restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of the source."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
