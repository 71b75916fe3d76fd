"""Tables for spreadsheets: nothing in them is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

Cell = str | int | float
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_row(cells: Sequence[Cell]) -> str:
    """One line of a CSV table."""
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue()


def harmless(cell: Cell) -> Cell:
    """A text that begins like a formula, marked as text with an apostrophe; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
