"""Two published sets, converted and imported as anybody would: nothing may be missing, and the pages must work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.cities.models import City
from app.core.extensions import db
from app.ideas.models import Comment, Idea, Upvote
from tests.clients import Client, apart
from tests.real import convert_decidim, convert_polis
from tests.real.finding import DECIDIM, POLIS, data_set
from tests.real.shaping import shortened, title_and_text

Import = Callable[..., Result]


@pytest.fixture
def decidim(tmp_path: Path) -> Path:
    """Barcelona's set in the import's form."""
    convert_decidim.convert(_set_or_skip(DECIDIM), tmp_path / "decidim")
    return tmp_path / "decidim"


@pytest.fixture
def polis(tmp_path: Path) -> Path:
    """vTaiwan's set in the import's form."""
    convert_polis.convert(_set_or_skip(POLIS), tmp_path / "polis")
    return tmp_path / "polis"


def _set_or_skip(name: str) -> Path:
    folder = data_set(name)
    if folder is None:
        pytest.skip(f"the data set {name} is neither in ../shared/data nor in $CIP_DATA")
    return folder


@pytest.fixture
def import_board(app: Flask) -> Import:
    """`import_board(slug, *options)` -> what the command did."""

    def run(slug: str, *options: object) -> Result:
        arguments = ["import-board", slug, *(str(option) for option in options)]
        result: Result = apart(app.test_cli_runner().invoke, args=arguments)
        assert result.exit_code == 0, result.output
        return result

    return run


def _sums(slug: str) -> tuple[int, int, int]:
    """Ideas of a board, and the sums of their counters of upvotes and comments."""
    of_board = select(func.count(Idea.id), func.sum(Idea.upvote_count), func.sum(Idea.comment_count))
    return tuple(
        db.session.execute(of_board.join(City, City.id == Idea.city_id).where(City.slug == slug)).one()
    )


def test_every_proposal_and_comment_of_barcelona_arrives(
    decidim: Path, import_board: Import, client: Client
) -> None:
    options = ["--ideas", decidim / "ideas.csv", "--comments", decidim / "comments.csv"]
    city = ["--make-city", "Barcelona", "--time-zone", "Europe/Madrid", "--language", "ca"]
    source = ["--source", convert_decidim.SOURCE, "--source-url", convert_decidim.SOURCE_URL]
    result = import_board("barcelona", *options, *city, *source)
    assert "left out" not in result.output
    assert _sums("barcelona") == (1312, 0, 3166)
    assert db.session.scalar(select(func.count(Comment.id))) == 3166
    assert db.session.scalar(select(func.count(Comment.id)).where(Comment.stance == "support")) == 942
    assert db.session.scalar(select(func.count(Comment.id)).where(Comment.stance == "concern")) == 239
    deep = select(Comment.id).where(Comment.parent_id.is_not(None))
    assert db.session.scalar(select(func.count(Comment.id)).where(Comment.parent_id.in_(deep))) == 0, (
        "one level"
    )
    assert db.session.scalar(select(func.count(Comment.id)).where(Comment.parent_id.is_not(None))) == 449
    again = import_board("barcelona", *options)
    assert "0 new ideas, 1,312 there already" in again.output
    assert "0 new comments, 3,166 there already" in again.output
    page = client.get("/barcelona?sort=discussed").get_data(as_text=True)
    assert page.count('class="card"') == 50
    assert "decidim.barcelona" in page
    busiest = db.session.scalars(select(Idea).order_by(Idea.comment_count.desc())).first()
    assert busiest
    assert busiest.comment_count == 111
    read = client.get(f"/barcelona/ideas/{busiest.id}-x", follow_redirects=True).get_data(as_text=True)
    assert read.count('id="comment-') == 111
    assert 'class="card"' in client.get("/barcelona?q=bicing").get_data(as_text=True)


def test_every_statement_and_agreeing_vote_of_vtaiwan_arrives(
    polis: Path, import_board: Import, client: Client
) -> None:
    options = ["--ideas", polis / "ideas.csv", "--upvotes", polis / "upvotes.csv"]
    city = ["--make-city", "vTaiwan", "--time-zone", "Asia/Taipei", "--language", "zh-Hant"]
    result = import_board("vtaiwan", *options, *city)
    assert "197 new ideas" in result.output
    assert "30,867 new upvotes, 162 of their own idea skipped" in result.output
    assert _sums("vtaiwan") == (197, 30867, 0)
    assert db.session.scalar(select(func.count()).select_from(Upvote)) == 30867
    again = import_board("vtaiwan", *options)
    assert "0 new upvotes, 30,867 there already" in again.output
    page = client.get("/vtaiwan").get_data(as_text=True)
    assert page.count('class="card"') == 50
    assert 'lang="zh-Hant"' in page
    assert 'class="card"' in client.get("/vtaiwan?q=共乘").get_data(as_text=True), (
        "words of two characters are found"
    )


def test_long_titles_are_cut_between_words_and_kept_in_full_in_the_text() -> None:
    long = "Que l’Ajuntament desenvolupi la creació d’un equipament " * 3
    title, text = title_and_text(long, "I prou.")
    assert len(title) <= 120
    assert title.endswith("…")
    assert long.startswith(title.rstrip("…"))
    assert text == f"{long.strip()}\n\nI prou."
    assert len(shortened("我" * 130)) == 120


def test_short_titles_go_on_with_the_text() -> None:
    assert title_and_text("Bicing", "Més estacions.") == ("Bicing: Més estacions.", "Més estacions.")


@pytest.mark.parametrize(
    ("title", "themes"),
    [
        ("Més punts de recàrrega per a cotxes elèctrics", {"electric", "congestion"}),
        ("Carril bici a Passeig Maragall", {"walking-cycling"}),
        ("Bus H4", {"public-transport"}),
        ("Àrea Verda", {"parking"}),
        ("Més informació", {"connection"}),
        ("Mobilitat", {"connection"}),
    ],
)
def test_themes_follow_from_catalan_words(title: str, themes: set[str]) -> None:
    assert set(convert_decidim.themes_of(title, "")) == themes
