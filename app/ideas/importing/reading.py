"""Opens a CSV file: encoding, delimiter, header, and each row with the line it begins on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

FIELD_LIMIT = 1_000_000
"""Characters in one field. More than that is a quotation mark that was never closed."""

_MARKS_OF_OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": _l("an Excel workbook")}


class Unreadable(Exception):
    """A file of which nothing can be used; says why in a sentence."""


@dataclass(frozen=True)
class Problem:
    """Why one row is left out. `line` counts from 1; `column` is empty where the row as a whole is wrong."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        return f"{place}, column {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


@dataclass(frozen=True)
class Row:
    """One record: the line it begins on, and its values by column, without surrounding white space."""

    line: int
    values: dict[str, str]


class Table:
    """A CSV file with a header.

    `ignored` names the columns nobody asked for. Going through `rows()` collects `problems`.
    Raises Unreadable: no such file, wrong encoding, no header, a required column missing or a column twice.
    """

    def __init__(self, path: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self.name = path.name
        self.problems: list[Problem] = []
        text = _decoded(path)
        self._records = self._read(text, delimiter_of(text))
        self.header = self._header()
        known = (*required, *optional)
        missing = [column for column in required if column not in self.header]
        if missing:
            raise Unreadable(
                _(
                    "%(file)s has no column %(columns)s. Its first line names: %(named)s.",
                    file=self.name,
                    columns=_listed(missing),
                    named=_listed([column for column in self.header if column]) or _("nothing"),
                )
            )
        twice = sorted({column for column in known if self.header.count(column) > 1})
        if twice:
            raise Unreadable(
                _("%(file)s has the column %(columns)s twice.", file=self.name, columns=_listed(twice))
            )
        self.ignored = tuple(column for column in self.header if column and column not in known)

    def rows(self) -> Iterator[Row]:
        """Every record after the header that has as many fields as the header; the others become problems."""
        for line, fields in self._records[1:]:
            if len(fields) != len(self.header):
                self._say(
                    line,
                    _(
                        "has %(count)d fields, the first line names %(columns)d columns.",
                        count=len(fields),
                        columns=len(self.header),
                    ),
                )
                continue
            named = zip(self.header, fields, strict=True)
            yield Row(line, {column: field.strip() for column, field in named if column})

    def _header(self) -> list[str]:
        if not self._records:
            raise Unreadable(_("%(file)s is empty.", file=self.name))
        return [field.strip().lower() for field in self._records[0][1]]

    def _read(self, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
        """All records that are not blank, with the line each begins on."""
        records: list[tuple[int, list[str]]] = []
        limit_before = csv.field_size_limit(FIELD_LIMIT)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            while True:
                line = reader.line_num + 1
                try:
                    fields = next(reader)
                except csv.Error as error:
                    self._say(line, _explained(error, reader.line_num))
                    continue
                except StopIteration:
                    return records
                if any(field.strip() for field in fields):
                    records.append((line, fields))
        finally:
            csv.field_size_limit(limit_before)

    def _say(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.name, line, "", message))


def _explained(error: csv.Error, line: int) -> str:
    words = str(error)
    if "unexpected end of data" in words or "field limit" in words:
        return _("a quotation mark opened here is never closed, so nothing after it could be read.")
    if "expected after" in words:
        return _("a quotation mark inside a quoted field (line %(line)d) must be doubled.", line=line)
    return _("cannot be read: %(reason)s.", reason=words)


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(
            _("%(file)s cannot be opened: %(reason)s.", file=str(path), reason=error.strerror or str(error))
        ) from error
    for mark, encoding in _MARKS_OF_OTHER_ENCODINGS.items():
        if raw.startswith(mark):
            raise Unreadable(
                _(
                    "%(file)s is %(kind)s. Please save it as CSV in UTF-8 and try again.",
                    file=path.name,
                    kind=str(encoding),
                )
            )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            _(
                "%(file)s is not UTF-8: line %(line)d has bytes that are no letters there. "
                "Please save it as CSV in UTF-8 and try again.",
                file=path.name,
                line=line,
            )
        ) from error


def delimiter_of(text: str) -> str:
    """Comma, semicolon or tab: whichever the first line has most of, outside quotation marks."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(first.split('"')[::2])  # what stands outside quotation marks
    return max(",;\t", key=bare.count)


def _listed(columns: list[str]) -> str:
    return ", ".join(f"“{column}”" for column in columns)
