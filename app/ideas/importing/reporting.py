"""What came, or would come, of an import: said alike on the console and on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.times import number
from app.ideas.importing.matching import Matched, Sheets
from app.ideas.importing.reading import Problem

SHOWN_PROBLEMS = 50
"""Problems on the console and on the page; a file has them all."""


@dataclass(frozen=True)
class FileReport:
    """One file: its rows by what became of them (see `_said`), in order, and the columns that were not used."""

    name: str
    counts: dict[str, int]
    ignored: tuple[str, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """ "1,312 new ideas", "3 left out": in the reader's language, nothing said of what there is none of."""
        new, *others = self.counts.items()
        return (_said(*new), *(_said(what, count) for what, count in others if count))


@dataclass(frozen=True)
class Report:
    """All files of an import, how many people they bring, and why rows are left out."""

    files: tuple[FileReport, ...]
    people: int
    problems: tuple[Problem, ...]

    @property
    def people_said(self) -> str:
        """How many come along."""
        return ngettext(
            "%(count)s new participant, under a neutral name, who cannot sign in",
            "%(count)s new participants, under neutral names, who cannot sign in",
            self.people,
            count=number(self.people),
        )

    @property
    def usable(self) -> int:
        """Rows that are new or there already."""
        return sum(count for file in self.files for what, count in file.counts.items() if what != "left_out")


def report_on(sheets: Sheets, matched: Matched) -> Report:
    """The report on these files."""
    return Report(tuple(_files(sheets, matched)), len(matched.people), tuple(matched.problems))


def _files(sheets: Sheets, matched: Matched) -> Iterator[FileReport]:
    rows = {(problem.file, problem.line) for problem in matched.problems}
    left_out = Counter(file for file, _line in rows)
    counts = (
        (sheets.ideas, {"new_ideas": len(matched.ideas), "known": matched.ideas_known}),
        (
            sheets.comments,
            {
                "new_comments": len(matched.comments),
                "known": matched.comments_known,
                "folded": matched.replies_folded,
            },
        ),
        (
            sheets.upvotes,
            {
                "new_upvotes": len(matched.upvotes),
                "known": matched.upvotes_known,
                "own": matched.upvotes_of_own_idea,
                "repeated": matched.upvotes_repeated,
            },
        ),
    )
    for sheet, found in counts:
        if sheet is not None:
            yield FileReport(sheet.name, {**found, "left_out": left_out[sheet.name]}, sheet.ignored)


def _said(what: str, count: int) -> str:
    n = number(count)
    if what == "new_ideas":
        return ngettext("%(count)s new idea", "%(count)s new ideas", count, count=n)
    if what == "new_comments":
        return ngettext("%(count)s new comment", "%(count)s new comments", count, count=n)
    if what == "new_upvotes":
        return ngettext("%(count)s new upvote", "%(count)s new upvotes", count, count=n)
    if what == "folded":
        return ngettext(
            "%(count)s reply to a reply joined its thread",
            "%(count)s replies to replies joined their threads",
            count,
            count=n,
        )
    words = {
        "known": _("%(count)s there already", count=n),
        "own": _("%(count)s of their own idea skipped", count=n),
        "repeated": _("%(count)s repeated", count=n),
        "left_out": _("%(count)s left out", count=n),
    }
    return words[what]
