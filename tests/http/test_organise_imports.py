"""Organisers bring content onto boards: files are checked, looked at, imported; sample content comes and goes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core.config import settings
from app.core.extensions import db
from app.ideas.actions.sampling import load_sample
from app.ideas.models import Comment, Idea, Upvote
from app.organising.routes import imports
from tests.boards import post
from tests.http.test_import_board import COMMENTS, IDEAS, UPVOTES
from tests.pages import page_of


@pytest.fixture
def olga(signed_in, make_user):
    """A browser in which an organiser is signed in."""
    return signed_in(make_user("Olga", organiser=True))


def said(response) -> str:
    return page_of(response).words


def send(client, city="rotterdam", **files):
    """Upload files by kind: text, bytes, or (bytes, name)."""
    data = {"city": city, "source": "A survey", "source_url": "https://data.example/x"}
    for kind, content in files.items():
        raw, name = content if isinstance(content, tuple) else (content, f"{kind}.csv")
        data[kind] = (io.BytesIO(raw.encode() if isinstance(raw, str) else raw), name)
    return client.post_form("/organise/imports", data, content_type="multipart/form-data")


def count(table) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def uploads() -> list[Path]:
    return list((settings().data / "uploads").glob("*"))


def test_files_are_checked_then_imported_and_are_gone(olga, client):
    checked = send(olga, ideas=IDEAS, comments=COMMENTS, upvotes=UPVOTES)
    where = checked.headers["Location"]
    words = said(olga.get(where))
    assert "Nothing is written yet." in words
    assert "2 new ideas" in words and "1 reply to a reply joined its thread" in words
    assert "1 of their own idea skipped" in words and "3 new participants" in words
    assert count(Idea) == 0
    assert olga.post_form(where).status_code == 303
    assert (count(Idea), count(Comment), count(Upvote)) == (2, 3, 2)
    assert "2 new ideas" in said(olga.get(where)), "what came of it can be read for an hour"
    assert not list(uploads()[0].rglob("*.csv"))
    assert olga.post_form(where).status_code == 404, "once"
    board = said(client.get("/rotterdam"))
    assert "Trucks unload on the bike lane" in board and "A survey" in board
    again = send(olga, ideas=IDEAS).headers["Location"]
    assert "0 new ideas 2 there already" in said(olga.get(again))


def test_what_was_uploaded_is_for_one_organiser_for_an_hour(olga, client, signed_in, make_user, clock):
    where = send(olga, ideas=IDEAS).headers["Location"]
    assert client.get(where).status_code == 303
    assert signed_in(make_user("Mara")).get(where).status_code == 404
    assert signed_in(make_user("Otto", organiser=True)).get(where).status_code == 404
    assert olga.get("/organise/imports/../../etc").status_code == 404
    assert olga.get("/organise/imports/" + "A" * 22).status_code == 404
    clock.advance(3600)
    assert olga.get(where).status_code == 404
    assert olga.post_form(where).status_code == 404
    olga.get("/organise/imports")
    assert uploads() == []


def test_files_can_be_discarded(olga):
    where = send(olga, ideas=IDEAS).headers["Location"]
    assert olga.post_form(f"{where}/removal").status_code == 303
    assert uploads() == []
    assert olga.get(where).status_code == 404


def test_problems_are_listed_and_all_of_them_can_be_downloaded(olga):
    head, row, _other = IDEAS.strip().split("\n")
    rows = [row.replace("17,", f"{number},", 1).replace("challenge", "=wish()") for number in range(60)]
    where = send(olga, ideas=("\n".join([head, row, *rows]).encode(), "=cmd.csv")).headers["Location"]
    page = olga.get(where)
    assert len(page_of(page).all("tr")) == 51
    assert "60 left out" in said(page) and "… and 10 more" in said(page)
    file = olga.get(f"{where}/problems.csv")
    assert file.headers["Content-Disposition"] == 'attachment; filename="problems.csv"'
    lines = list(csv.reader(io.StringIO(file.get_data().decode("utf-8-sig"))))
    assert len(lines) == 61 and lines[0] == ["file", "line", "column", "problem"]
    assert not any(cell.startswith("=") for line in lines for cell in line)


def test_not_one_good_row_offers_no_import(olga):
    bad = IDEAS.replace("challenge", "wish").replace("opportunity", "wish")
    words = said(olga.get(send(olga, ideas=bad).headers["Location"]))
    assert "Not one row can be used." in words and "Import now" not in words


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and so on", "an Excel workbook"),
        ("id;text\n1;é".encode("latin-1"), "is not UTF-8"),
        (IDEAS.encode("utf-16"), "UTF-16"),
        (b"", "is empty"),
        (b"name,colour\nx,y\n", "has no column"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_beside_its_field(olga, content, sentence):
    refused = send(olga, ideas=IDEAS, comments=content)
    assert refused.status_code == 422
    page = page_of(refused)
    assert sentence in page.words
    assert page.one("input", name="comments")["aria-invalid"] == "true"
    assert page.one("input", name="source")["value"] == "A survey"
    assert uploads() == []


def test_a_form_without_files_or_with_a_bad_address_is_shown_again(olga):
    assert "Choose at least one file." in said(send(olga))
    refused = olga.post_form("/organise/imports", {"city": "rotterdam", "source_url": "javascript:x"})
    assert refused.status_code == 422 and "begins with https://" in said(refused)
    assert send(olga, city="atlantis", ideas=IDEAS).status_code == 422


def test_files_may_be_larger_than_other_requests_but_not_for_everybody(
    olga, signed_in, make_user, monkeypatch
):
    large = IDEAS + "," * 300_000
    assert send(olga, ideas=large).status_code == 303
    assert send(signed_in(make_user("Mara")), ideas=large).status_code in (404, 413)
    monkeypatch.setattr(imports, "UPLOAD_MAX", 400_000)
    refused = send(olga, ideas="x" * 450_000)
    assert refused.status_code == 413 and "The files are larger than" in said(refused)


@pytest.mark.parametrize(
    "name", ["../../board.sqlite", "..", "C:\\x\\ideas.csv", "想法.csv", "a" * 300 + ".csv", "\u202eevil.csv"]
)
def test_a_files_name_leads_nowhere(olga, name):
    where = send(olga, ideas=(IDEAS.encode(), name)).headers["Location"]
    assert olga.get(where).status_code == 200
    [folder] = uploads()
    [kept] = folder.rglob("*/*")
    assert kept.parent == folder / "ideas" and folder.stat().st_mode & 0o077 == 0


# sample content --------------------------------------------------------------------------------------


def test_sample_content_is_loaded_and_removed_and_real_content_stays(olga, make_user, city):
    real = post(city, make_user("Mara")).id
    assert olga.post_form("/organise/sample", {"act": "load"}).headers["Location"] == "/organise/sample"
    words = said(olga.get("/organise/sample"))
    assert "70 sample ideas are on the boards now." in words and "Remove sample content" in words
    olga.post_form("/organise/sample", {"act": "load"})
    assert "The sample content is there already." in said(olga.get("/organise/sample"))
    olga.post_form("/organise/sample", {"act": "remove"})
    assert list(db.session.scalars(select(Idea.id))) == [real]
    assert "There is no sample content." in said(olga.get("/organise"))


def test_nothing_happens_to_the_sample_without_a_word(olga, signed_in, make_user):
    load_sample()
    assert olga.post_form("/organise/sample").status_code == 422
    assert signed_in(make_user("Mara")).post_form("/organise/sample", {"act": "remove"}).status_code == 404
    assert count(Idea) == 70
