"""`flask import-board`, from the file to the page."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.models import Change, City, Participation
from app.core.announce import after
from app.core.extensions import db
from app.ideas.events import BoardChanged
from app.ideas.heat import heat_of
from app.ideas.models import Comment, Idea, Upvote
from tests.clients import Client, apart

IDEAS = """id,author,kind,title,text,themes,created_at,group,affiliation,status,workshop
17,a1,challenge,Trucks unload on the bike lane,"Every morning, **both** sides.",freight|safety,2026-05-31,resident,,,
18,a2,opportunity,Loading bays that can be booked,,freight,2026-06-01T09:30:00+02:00,company,Example BV,shortlisted,1
"""
COMMENTS = """id,idea,parent,author,text,stance,created_at
c1,17,,a2,We would rather not stop there either.,support,2026-06-01T09:35:00+02:00
c2,17,c1,a1,Good to hear!,,2026-06-02
c3,17,c2,a3,And then?,,2026-06-03
"""
UPVOTES = """idea,author,created_at
18,a1,2026-06-02
18,a2,2026-06-02
17,a3,2026-06-04
"""

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """`run("import-board", "rotterdam", …)` -> what the command did."""
    return lambda *arguments: apart(app.test_cli_runner().invoke, args=[str(part) for part in arguments])


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The options that name the three example files."""
    options = []
    for name, content in (("ideas", IDEAS), ("comments", COMMENTS), ("upvotes", UPVOTES)):
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        options += [f"--{name}", str(tmp_path / f"{name}.csv")]
    return options


def _rows() -> dict[str, int]:
    db.session.rollback()
    tables = (User, Idea, Comment, Upvote, Change, Participation, City)
    return {
        table.__name__: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }


def test_a_board_is_imported_and_can_be_read(run: Run, files: list[str], client: Client, city: City) -> None:
    result = run(
        "import-board", "rotterdam", *files, "--source", "A survey", "--source-url", "https://example.org/s"
    )
    assert result.exit_code == 0, result.output
    assert "ideas.csv: 2 new ideas" in result.output
    assert "comments.csv: 3 new comments, 1 reply to a reply joined its thread" in result.output
    assert "upvotes.csv: 2 new upvotes, 1 of their own idea skipped" in result.output
    assert "3 new participants" in result.output
    page = client.get("/rotterdam").get_data(as_text=True)
    assert "Trucks unload on the bike lane" in page
    assert "A survey" in page
    idea = db.session.scalars(select(Idea).where(Idea.import_key == "rotterdam:17")).one()
    page = client.get(f"/rotterdam/ideas/{idea.id}-trucks", follow_redirects=True).get_data(as_text=True)
    assert "<strong>both</strong>" in page
    assert "We would rather not stop there either." in page
    assert "Participant 000" in page
    assert "trucks" in client.get("/rotterdam?q=truck").get_data(as_text=True).lower(), "it can be searched"


def test_counters_heat_and_numbers_are_as_if_posted_one_by_one(
    run: Run, files: list[str], city: City
) -> None:
    run("import-board", "rotterdam", *files)
    first, second = db.session.scalars(select(Idea).order_by(Idea.created_at)).all()
    assert (first.upvote_count, first.comment_count, first.version, first.last_change) == (1, 3, 1, 1)
    assert (second.upvote_count, second.comment_count, second.version, second.last_change) == (1, 0, 1, 2)
    events = [*db.session.scalars(select(Comment.created_at).where(Comment.idea_id == first.id))]
    events += db.session.scalars(select(Upvote.created_at).where(Upvote.idea_id == first.id))
    assert first.heat == pytest.approx(heat_of(events))
    changes = db.session.execute(
        select(Change.number, Change.kind, Change.idea_id).order_by(Change.number)
    ).all()
    assert [tuple(change) for change in changes] == [
        (1, "idea_posted", first.id),
        (2, "idea_posted", second.id),
    ]
    db.session.refresh(city)
    assert city.seq == 2
    assert _rows()["Participation"] == 3
    threads = db.session.scalars(select(Comment).order_by(Comment.created_at)).all()
    assert [comment.parent_id for comment in threads] == [None, threads[0].id, threads[0].id]
    assert second.workshop_id == city.workshops[0].id


def test_imported_authors_are_participants_who_cannot_sign_in(run: Run, files: list[str]) -> None:
    run("import-board", "rotterdam", *files)
    people = db.session.scalars(select(User).order_by(User.name)).all()
    assert [person.name for person in people] == ["Participant 0001", "Participant 0002", "Participant 0003"]
    assert {(person.origin, person.email, person.password_hash) for person in people} == {
        ("imported", None, None)
    }
    assert {(person.group, person.affiliation) for person in people} == {
        ("resident", None),
        ("company", "Example BV"),
    }


def test_importing_again_changes_nothing(run: Run, files: list[str]) -> None:
    run("import-board", "rotterdam", *files)
    before = _rows()
    result = run("import-board", "rotterdam", *files)
    assert result.exit_code == 0
    assert "ideas.csv: 0 new ideas, 2 there already" in result.output
    assert "upvotes.csv: 0 new upvotes, 2 there already, 1 of their own idea skipped" in result.output
    assert _rows() == before


def test_a_longer_file_adds_what_is_new_and_open_pages_hear_of_it(
    run: Run, files: list[str], tmp_path: Path, city: City
) -> None:
    run("import-board", "rotterdam", *files)
    heard: list[BoardChanged] = []
    after(BoardChanged)(heard.append)
    (tmp_path / "comments.csv").write_text(
        COMMENTS + "c4,18,,a9,New here.,concern,2026-06-05\nc5,17,c3,a9,Now this.,,2026-06-06\n",
        encoding="utf-8",
    )
    (tmp_path / "upvotes.csv").write_text(UPVOTES + "17,a9,2026-06-06\n", encoding="utf-8")
    result = run("import-board", "rotterdam", *files)
    assert "comments.csv: 2 new comments, 3 there already" in result.output
    db.session.rollback()
    first, second = db.session.scalars(select(Idea).order_by(Idea.created_at)).all()
    assert (first.comment_count, first.upvote_count, first.version) == (4, 2, 2)
    assert (second.comment_count, second.upvote_count, second.version) == (1, 1, 2)
    events = [*db.session.scalars(select(Comment.created_at).where(Comment.idea_id == first.id))]
    events += db.session.scalars(select(Upvote.created_at).where(Upvote.idea_id == first.id))
    assert first.heat == pytest.approx(heat_of(events))
    assert db.session.scalar(select(City.seq).where(City.id == city.id)) == 4
    assert [(event.number, event.previous, event.kind) for event in heard] == [(4, 1, "comment_posted")]
    assert db.session.scalar(select(User.name).where(User.import_key == "rotterdam:a9")) == "Participant 0004"


def test_a_dry_run_reports_the_same_and_writes_nothing(run: Run, files: list[str]) -> None:
    before = _rows()
    options = ["--make-city", "Gouda", "--time-zone", "Europe/Amsterdam", "--language", "nl"]
    (Path(files[1])).write_text(IDEAS.replace("shortlisted,1", "shortlisted,"), encoding="utf-8")
    rehearsed = run("import-board", "gouda", *files, *options, "--dry-run")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "nothing was written" in rehearsed.output
    assert _rows() == before
    real = run("import-board", "gouda", *files, *options)
    words = [line for line in rehearsed.output.splitlines() if "dry run" not in line]
    assert words == [line for line in real.output.splitlines() if not line.startswith("Importing onto")]
    assert _rows()["City"] == before["City"] + 1


def test_a_bad_row_stops_nothing_but_itself_and_is_listed(run: Run, files: list[str], tmp_path: Path) -> None:
    bad = IDEAS + "19,a4,wish,Trams that fly,,air,2026-06-01,resident,,,\n"
    (tmp_path / "ideas.csv").write_text(bad, encoding="utf-8")
    (tmp_path / "upvotes.csv").write_text(UPVOTES + "19,a1,\n", encoding="utf-8")
    listed = tmp_path / "problems.csv"
    result = run("import-board", "rotterdam", *files, "--problems", listed)
    assert result.exit_code == 0
    assert "ideas.csv: 2 new ideas, 1 left out" in result.output
    assert "ideas.csv, line 4, column kind: is “wish”; possible are challenge, opportunity." in result.output
    assert "ideas.csv, line 4, column themes: names “air”" in result.output
    assert "upvotes.csv, line 5, column idea: is “19”, which is no idea here" in result.output
    assert _rows()["Idea"] == 2
    with listed.open(encoding="utf-8", newline="") as file:
        assert [(row["file"], row["line"], row["column"]) for row in csv.DictReader(file)] == [
            ("ideas.csv", "4", "kind"),
            ("ideas.csv", "4", "themes"),
            ("upvotes.csv", "5", "idea"),
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["rotterdam"], 2, "Name at least one file"),
        (["gouda", "--ideas", "IDEAS"], 1, "There is no city “gouda” (there are: los-angeles, melbourne,"),
        (["rotterdam", "--ideas", "nowhere.csv"], 1, "nowhere.csv cannot be opened"),
        (["Gouda!", "--ideas", "IDEAS", "--make-city", "Gouda"], 1, "“Gouda!” cannot be an address"),
        (
            ["register", "--ideas", "IDEAS", "--make-city", "Gouda"],
            1,
            "“register” is the address of another page",
        ),
        (
            ["gouda", "--ideas", "IDEAS", "--make-city", "Gouda", "--time-zone", "Europe/Gouda"],
            1,
            "“Europe/Gouda” is no time zone",
        ),
        (
            ["gouda", "--ideas", "IDEAS", "--make-city", "Gouda", "--language", "Dutch"],
            1,
            "“Dutch” is no language",
        ),
    ],
)
def test_what_cannot_begin_says_why_and_writes_nothing(
    run: Run, files: list[str], arguments: list[str], code: int, sentence: str
) -> None:
    before = _rows()
    result = run("import-board", *(files[1] if part == "IDEAS" else part for part in arguments))
    assert (result.exit_code, sentence in result.output) == (code, True), result.output
    assert _rows() == before


def test_files_without_one_usable_row_fail(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text(IDEAS.replace("challenge", "wish").replace("opportunity", "wish"), encoding="utf-8")
    result = run("import-board", "rotterdam", "--ideas", path)
    assert result.exit_code == 1
    assert "ideas.csv: 0 new ideas, 2 left out" in result.output


def test_two_cities_may_use_the_same_ids(run: Run, files: list[str]) -> None:
    run("import-board", "rotterdam", *files)
    result = run("import-board", "berlin", *files)
    assert "ideas.csv: 2 new ideas" in result.output
    assert _rows()["Idea"] == 4
    assert _rows()["User"] == 6


def test_a_city_is_made_at_the_end_of_the_edition(run: Run, client: Client) -> None:
    result = run(
        "make-city", "gouda", "--name", "Gouda", "--time-zone", "Europe/Amsterdam", "--language", "nl"
    )
    assert result.output == "Gouda has a board at /gouda.\n"
    assert db.session.scalar(select(City.slug).order_by(City.position.desc())) == "gouda"
    assert client.get("/gouda").status_code == 200
    again = run(
        "make-city", "gouda", "--name", "Gouda", "--time-zone", "Europe/Amsterdam", "--language", "nl"
    )
    assert again.exit_code == 1
    assert "There is a city at “gouda” already." in again.output


def test_the_organisers_link_is_printed(run: Run, client: Client) -> None:
    result = run("organiser-link")
    assert result.output.startswith("http://127.0.0.1:5000/organiser/")
    assert client.get(result.output.strip().removeprefix("http://127.0.0.1:5000")).status_code in (
        200,
        302,
        303,
    )
