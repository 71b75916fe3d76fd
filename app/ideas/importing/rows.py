"""Checks each row and turns it into an idea, a comment or an upvote, or into problems that name the column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from flask_babel import gettext as _

from app.accounts.groups import GROUPS, WITHOUT_AFFILIATION
from app.core.text import clean_line, clean_text
from app.ideas.importing import columns
from app.ideas.importing.reading import Problem, Row, Table
from app.ideas.models import KINDS, STANCES, STATUSES, TEXT_MAX, THEMES_MAX, TITLE_MAX, TITLE_MIN

ID_MAX = 90
AFFILIATION_MAX = 120
LANGUAGE_MAX = 35
COMMENT_IMPORT_MAX = TEXT_MAX
"""Characters of an imported comment: longer than the form allows, since nobody can be asked to shorten it."""

R = TypeVar("R")
Named = TypeVar("Named", bound="_HasId")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Rules:
    """What a row is measured by: the board's themes, workshops, language and time zone, and the present moment."""

    themes: frozenset[str]
    workshops: frozenset[int]
    language: str
    zone: tzinfo
    now: datetime


@dataclass(frozen=True)
class IdeaRow:
    """One line of the ideas file. `workshop` is None for online and on paper."""

    line: int
    id: str
    author: str
    kind: str
    title: str
    text: str
    themes: tuple[str, ...]
    language: str
    created_at: datetime
    group: str
    affiliation: str
    status: str
    workshop: int | None
    on_paper: bool


@dataclass(frozen=True)
class CommentRow:
    """One line of the comments file. `parent` is empty for a comment that is no reply."""

    line: int
    id: str
    idea: str
    parent: str
    author: str
    text: str
    stance: str | None
    language: str
    created_at: datetime


@dataclass(frozen=True)
class UpvoteRow:
    """One line of the upvotes file."""

    line: int
    idea: str
    author: str
    created_at: datetime


@dataclass
class Sheet(Generic[R]):
    """One file, read: its good rows in their order, its problems, and the columns that were ignored."""

    name: str
    rows: list[R] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


class _HasId(Protocol):
    @property
    def line(self) -> int: ...

    @property
    def id(self) -> str: ...


class _Wrong(Exception):
    """A value that cannot be taken."""


class _Reader:
    """Takes values out of one row and remembers what is wrong with them."""

    def __init__(self, file: str, row: Row, rules: Rules) -> None:
        self.file, self.line, self.values, self.rules = file, row.line, row.values, rules
        self.problems: list[Problem] = []

    @contextmanager
    def _of(self, column: str) -> Iterator[None]:
        try:
            yield
        except _Wrong as wrong:
            self.problems.append(Problem(self.file, self.line, column, str(wrong)))

    def word(self, column: str, *, required: bool = True, longest: int = ID_MAX) -> str:
        value = clean_line(self.values.get(column))
        with self._of(column):
            if required and not value:
                raise _Wrong(_("is empty."))
            if len(value) > longest:
                raise _Wrong(
                    _(
                        "has %(count)d characters; at most %(most)d are possible.",
                        count=len(value),
                        most=longest,
                    )
                )
        return value

    def text(self, column: str, *, required: bool, longest: int) -> str:
        value = clean_text(self.values.get(column))
        with self._of(column):
            if required and not value:
                raise _Wrong(_("is empty."))
            if len(value) > longest:
                raise _Wrong(
                    _(
                        "has %(count)d characters; at most %(most)d are possible.",
                        count=len(value),
                        most=longest,
                    )
                )
        return value

    def title(self) -> str:
        value = clean_line(self.values.get("title"))
        with self._of("title"):
            if not TITLE_MIN <= len(value) <= TITLE_MAX:
                raise _Wrong(
                    _(
                        "has %(count)d characters; %(least)d to %(most)d are possible.",
                        count=len(value),
                        least=TITLE_MIN,
                        most=TITLE_MAX,
                    )
                )
        return value

    def one_of(self, column: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = clean_line(self.values.get(column)).lower()
        if not value and default is not None:
            return default
        with self._of(column):
            if value not in choices:
                raise _Wrong(_possible(value, choices))
        return value

    def moment(self, column: str, default: datetime | None = None) -> datetime:
        value = clean_line(self.values.get(column))
        if not value and default is not None:
            return default
        with self._of(column):
            if not value:
                raise _Wrong(_("is empty."))
            try:
                at = datetime.fromisoformat(value)
                at = (at if at.tzinfo else at.replace(tzinfo=self.rules.zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                raise _Wrong(
                    _(
                        "is “%(value)s”; a date looks like 2026-05-31 or 2026-05-31T14:05:00+02:00.",
                        value=value[:40],
                    )
                ) from None
            if at > self.rules.now:
                raise _Wrong(_("is “%(value)s”, which lies in the future.", value=value[:40]))
            return at
        return self.rules.now

    def language(self) -> str:
        value = clean_line(self.values.get("language")) or self.rules.language
        with self._of("language"):
            if len(value) > LANGUAGE_MAX or not _LANGUAGE.fullmatch(value):
                raise _Wrong(_("is “%(value)s”; a language looks like en, ca or zh-Hant.", value=value[:40]))
        return value

    def themes(self) -> tuple[str, ...]:
        keys = [clean_line(key).lower() for key in self.values.get("themes", "").split("|")]
        keys = list(dict.fromkeys(key for key in keys if key))
        with self._of("themes"):
            if not 1 <= len(keys) <= THEMES_MAX:
                raise _Wrong(
                    _(
                        "names %(count)d themes; 1 to %(most)d are possible, separated by |.",
                        count=len(keys),
                        most=THEMES_MAX,
                    )
                )
            unknown = [key for key in keys if key not in self.rules.themes]
            if unknown:
                raise _Wrong(
                    _(
                        "names “%(value)s”; possible are %(known)s.",
                        value=unknown[0][:40],
                        known=", ".join(sorted(self.rules.themes)),
                    )
                )
        return tuple(keys)

    def group_and_affiliation(self) -> tuple[str, str]:
        group = self.one_of("group", GROUPS, "resident")
        affiliation = self.word("affiliation", required=False, longest=AFFILIATION_MAX)
        with self._of("affiliation"):
            if group in GROUPS and group not in WITHOUT_AFFILIATION and not affiliation:
                raise _Wrong(_("is empty; the group %(group)s needs one.", group=group))
        return group, affiliation

    def workshop(self) -> tuple[int | None, bool]:
        value = clean_line(self.values.get("workshop")).lower()
        if value in ("", "online", "paper"):
            return None, value == "paper"
        with self._of("workshop"):
            if not value.isascii() or not value.isdigit() or int(value[:9]) not in self.rules.workshops:
                numbers = [str(number) for number in sorted(self.rules.workshops)]
                raise _Wrong(_possible(value, ("online", "paper", *numbers)))
            return int(value), False
        return None, False


def _possible(value: str, known: tuple[str, ...]) -> str:
    return _("is “%(value)s”; possible are %(known)s.", value=value[:40], known=", ".join(known))


def read_ideas(path: Path, rules: Rules) -> Sheet[IdeaRow]:
    """The ideas of a file. Raises Unreadable."""

    def idea(row: _Reader) -> IdeaRow:
        group, affiliation = row.group_and_affiliation()
        workshop, on_paper = row.workshop()
        return IdeaRow(
            line=row.line,
            id=row.word("id"),
            author=row.word("author"),
            kind=row.one_of("kind", KINDS),
            title=row.title(),
            text=row.text("text", required=False, longest=TEXT_MAX),
            themes=row.themes(),
            language=row.language(),
            created_at=row.moment("created_at"),
            group=group,
            affiliation=affiliation,
            status=row.one_of("status", STATUSES, "new"),
            workshop=workshop,
            on_paper=on_paper,
        )

    table = Table(path, columns.IDEAS, columns.IDEAS_OPTIONAL)
    return _without_doubles(_read(table, idea, rules))


def read_comments(path: Path, rules: Rules) -> Sheet[CommentRow]:
    """The comments of a file. Whether idea and parent exist is not looked at here. Raises Unreadable."""

    def comment(row: _Reader) -> CommentRow:
        return CommentRow(
            line=row.line,
            id=row.word("id"),
            idea=row.word("idea"),
            parent=row.word("parent", required=False),
            author=row.word("author"),
            text=row.text("text", required=True, longest=COMMENT_IMPORT_MAX),
            stance=row.one_of("stance", STANCES, "") or None,
            language=row.language(),
            created_at=row.moment("created_at"),
        )

    table = Table(path, columns.COMMENTS, columns.COMMENTS_OPTIONAL)
    return _without_doubles(_read(table, comment, rules))


def read_upvotes(path: Path, rules: Rules) -> Sheet[UpvoteRow]:
    """The upvotes of a file; without a time they happened now. Raises Unreadable."""

    def upvote(row: _Reader) -> UpvoteRow:
        return UpvoteRow(
            line=row.line,
            idea=row.word("idea"),
            author=row.word("author"),
            created_at=row.moment("created_at", default=rules.now),
        )

    return _read(Table(path, columns.UPVOTES, columns.UPVOTES_OPTIONAL), upvote, rules)


def _read(table: Table, build: Callable[[_Reader], R], rules: Rules) -> Sheet[R]:
    sheet: Sheet[R] = Sheet(table.name, ignored=table.ignored)
    for row in table.rows():
        reader = _Reader(table.name, row, rules)
        built = build(reader)
        if reader.problems:
            sheet.problems.extend(reader.problems)
        else:
            sheet.rows.append(built)
    sheet.problems = sorted([*sheet.problems, *table.problems], key=lambda problem: problem.line)
    return sheet


def _without_doubles(sheet: Sheet[Named]) -> Sheet[Named]:
    """The first of two rows with one id stays; the second is a problem."""
    lines: dict[str, int] = {}
    kept: list[Named] = []
    for row in sheet.rows:
        if row.id in lines:
            message = _("is “%(value)s”, which line %(line)d has already.", value=row.id, line=lines[row.id])
            sheet.problems.append(Problem(sheet.name, row.line, "id", message))
            continue
        lines[row.id] = row.line
        kept.append(row)
    sheet.rows = kept
    sheet.problems.sort(key=lambda problem: problem.line)
    return sheet
