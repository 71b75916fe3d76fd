"""CSV files as people save them, and what is said about those that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.ideas.importing.reading import Problem, Table, Unreadable
from app.ideas.importing.rows import Rules, read_comments, read_ideas, read_upvotes

RULES = Rules(
    themes=frozenset({"safety", "freight", "access", "parking"}),
    workshops=frozenset({1, 2}),
    language="nl",
    zone=ZoneInfo("Europe/Amsterdam"),
    now=datetime(2026, 9, 14, 12, tzinfo=UTC),
)
HEADER = "id,author,kind,title,text,themes,language,created_at,group,affiliation,status,workshop"
GOOD = "1,a,challenge,Trucks on the bike lane,Both sides,freight|safety,en,2026-05-31,,,,"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(text or bytes, name="ideas.csv")` -> the file."""

    def save(content: str | bytes, name: str = "ideas.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return save


def _changed(**values: str) -> str:
    names = HEADER.split(",")
    fields = dict(zip(names, GOOD.split(","), strict=True)) | values
    return HEADER + "\n" + ",".join(fields[name] for name in names) + "\n"


def test_a_good_row_becomes_an_idea_with_the_citys_defaults(write: Write) -> None:
    [idea] = read_ideas(write(_changed(language="")), RULES).rows
    assert (idea.title, idea.themes) == ("Trucks on the bike lane", ("freight", "safety"))
    assert (idea.language, idea.group, idea.status, idea.workshop) == ("nl", "resident", "new", None)
    assert idea.created_at == datetime(2026, 5, 30, 22, tzinfo=UTC), "midnight in Rotterdam"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + f"{HEADER}\n{GOOD}\n".encode(),
        f"{HEADER}\r\n{GOOD}\r\n".encode(),
        f"{HEADER}\r{GOOD}\r".encode(),
        f"{HEADER}\n{GOOD}\n".replace(",", ";").encode(),
        f"{HEADER}\n{GOOD}\n".replace(",", "\t").encode(),
        f"\n{HEADER.upper()}\n\n , \n{GOOD}\n\n".encode().replace(b" , ", b""),
    ],
    ids=["byte order mark", "CRLF", "CR", "semicolons", "tabs", "blank lines and capitals"],
)
def test_files_are_read_as_programs_save_them(write: Write, content: bytes) -> None:
    sheet = read_ideas(write(content), RULES)
    assert [idea.id for idea in sheet.rows] == ["1"]
    assert not sheet.problems


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"{HEADER}\n".encode() + b"1,a,challenge,Caf\xe9 terras\n", "ideas.csv is not UTF-8: line 2"),
        (f"{HEADER}\n".encode("utf-16"), "ideas.csv is UTF-16"),
        (b"PK\x03\x04", "ideas.csv is an Excel workbook"),
        (b"", "ideas.csv is empty"),
        (b"\xef\xbb\xbf\n", "ideas.csv is empty"),
        (b"id,author\n", "ideas.csv has no column “kind”, “title”, “themes”, “created_at”"),
        (f"{HEADER},title\n".encode(), "ideas.csv has the column “title” twice"),
    ],
)
def test_an_unusable_file_is_refused_with_a_sentence(write: Write, content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read_ideas(write(content), RULES)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"no\.csv cannot be opened: No such file"):
        read_ideas(tmp_path / "no.csv", RULES)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("id", "", "is empty."),
        ("id", "x" * 91, "has 91 characters; at most 90 are possible."),
        ("author", " ", "is empty."),
        ("kind", "problem", "is “problem”; possible are challenge, opportunity."),
        ("title", "Trucks", "has 6 characters; 8 to 120 are possible."),
        ("title", "x" * 121, "has 121 characters; 8 to 120 are possible."),
        ("text", "x" * 5001, "has 5001 characters; at most 5000 are possible."),
        ("themes", "", "names 0 themes; 1 to 3 are possible, separated by |."),
        ("themes", "safety|access|parking|freight", "names 4 themes; 1 to 3 are possible, separated by |."),
        ("themes", "bikes", "names “bikes”; possible are access, freight, parking, safety."),
        ("language", "Dutch!", "is “Dutch!”; a language looks like en, ca or zh-Hant."),
        ("created_at", "", "is empty."),
        ("created_at", "31/05/2026", "is “31/05/2026”; a date looks like 2026-05-31 or"),
        ("created_at", "0001-01-01T00:00:00+14:00", "is “0001-01-01T00:00:00+14:00”; a date looks like"),
        ("created_at", "2026-09-15", "is “2026-09-15”, which lies in the future."),
        ("group", "cyclist", "is “cyclist”; possible are resident, student,"),
        ("status", "done", "is “done”; possible are new, in_discussion,"),
        ("workshop", "3", "is “3”; possible are online, paper, 1, 2."),
        ("workshop", "9" * 40, "possible are online, paper, 1, 2."),
    ],
)
def test_what_is_wrong_with_a_value_is_said_with_file_line_and_column(
    write: Write, column: str, value: str, message: str
) -> None:
    sheet = read_ideas(write(_changed(**{column: value})), RULES)
    assert sheet.rows == []
    [problem] = sheet.problems
    assert str(problem).startswith(f"ideas.csv, line 2, column {column}: ")
    assert message in problem.message


def test_an_expert_needs_an_affiliation(write: Write) -> None:
    sheet = read_ideas(write(_changed(group="company")), RULES)
    assert [problem.column for problem in sheet.problems] == ["affiliation"]
    assert read_ideas(write(_changed(group="company", affiliation="Example")), RULES).rows


def test_a_row_is_told_everything_that_is_wrong_with_it_at_once(write: Write) -> None:
    sheet = read_ideas(write(_changed(kind="", title="short", themes="x")), RULES)
    assert [problem.column for problem in sheet.problems] == ["kind", "title", "themes"]


def test_lines_are_those_of_the_file_also_after_fields_of_several_lines(write: Write) -> None:
    quoted = GOOD.replace("Both sides", '"Both\nsides\n\nalways"')
    bad = GOOD.replace("challenge", "wish").replace("1,a", "2,a")
    sheet = read_ideas(write(f"{HEADER}\n{quoted}\n{bad}\n"), RULES)
    assert [idea.text for idea in sheet.rows] == ["Both\nsides\n\nalways"]
    assert [problem.line for problem in sheet.problems] == [6]


def test_a_row_with_too_many_fields_stops_nothing_but_itself(write: Write) -> None:
    sheet = read_ideas(write(f"{HEADER}\n{GOOD},more\n{GOOD}\n"), RULES)
    assert len(sheet.rows) == 1
    assert sheet.problems == [Problem("ideas.csv", 2, "", "has 13 fields, the first line names 12 columns.")]


def test_a_lone_quotation_mark_inside_a_field_stops_nothing_but_its_row(write: Write) -> None:
    bad = GOOD.replace("Both sides", '"Both "sides"').replace("1,a", "2,a")
    sheet = read_ideas(write(f"{HEADER}\n{bad}\n{GOOD}\n"), RULES)
    assert [idea.id for idea in sheet.rows] == ["1"]
    assert "line 2: a quotation mark inside a quoted field (line 2) must be doubled." in str(
        sheet.problems[0]
    )


def test_a_quotation_mark_that_is_never_closed_is_found_where_it_opens(write: Write) -> None:
    bad = GOOD.replace("Both sides", '"Both sides').replace("1,a", "2,a")
    sheet = read_ideas(write(f"{HEADER}\n{GOOD}\n{bad}\n{GOOD}\n"), RULES)
    assert len(sheet.rows) == 1
    [problem] = sheet.problems
    assert (problem.line, "never closed" in problem.message) == (3, True)


def test_an_id_twice_keeps_the_first(write: Write) -> None:
    sheet = read_ideas(write(f"{HEADER}\n{GOOD}\n{GOOD}\n"), RULES)
    assert len(sheet.rows) == 1
    assert str(sheet.problems[0]) == "ideas.csv, line 3, column id: is “1”, which line 2 has already."


def test_columns_nobody_asked_for_are_named(write: Write) -> None:
    table = Table(write("idea,author,mood\n1,a,good\n"), ("idea", "author"), ())
    assert table.ignored == ("mood",)
    assert [row.values["author"] for row in table.rows()] == ["a"]


def test_comments_and_upvotes_have_columns_of_their_own(write: Write) -> None:
    comments = read_comments(
        write("id,idea,author,text,created_at,stance\nc,1,a,Hello,2026-05-31,against\nd,1,a,,2026-05-31,\n"),
        RULES,
    )
    assert [(problem.line, problem.column) for problem in comments.problems] == [(2, "stance"), (3, "text")]
    [upvote] = read_upvotes(write("idea,author\n1,b\n"), RULES).rows
    assert upvote.created_at == RULES.now


def test_text_is_cleaned_as_everything_people_type(write: Write) -> None:
    [idea] = read_ideas(write(_changed(title="Trucks \u202e on   the lane\x07")), RULES).rows
    assert idea.title == "Trucks on the lane"
