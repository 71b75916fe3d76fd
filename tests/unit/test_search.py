"""Finding ideas: every language's words, in either database, and those that are like a title."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.extensions import db
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.models import Idea
from app.ideas.queries.search import matching, similar_ids
from tests.boards import draft, post, put_in_state


def found(q: str) -> set[str]:
    """The titles that a search finds."""
    condition = matching(q)
    if condition is None:
        return set()
    return set(db.session.scalars(select(Idea.title).where(condition)))


@pytest.fixture
def board(city, make_user):
    """A board with words of five languages; returns its author."""
    mara = make_user("Mara")
    for title, text in (
        ("Mehr Straßenbahnen nach Schöneberg", "Die Züge sind **überfüllt**."),
        ("Fietsenstalling bij het Café", "Er is geen plek voor bakfietsen."),
        ("地铁站需要更多自行车停车位", "早上没有地方停车。"),
        ("Bike lane on Coolsingel", "Cars leave no room; see https://ret.example/bikes"),
        ("Pistes cyclables protégées", "Les vélos et les piétons d'abord."),
    ):
        post(city, mara, title, text=text)
    return mara


FINDS = {
    "停车": "地铁站需要更多自行车停车位",
    "自行车": "地铁站需要更多自行车停车位",
    "早上": "地铁站需要更多自行车停车位",
    "车": "地铁站需要更多自行车停车位",
    "地铁 停车": "地铁站需要更多自行车停车位",
    "schoneberg": "Mehr Straßenbahnen nach Schöneberg",
    "SCHÖNEBERG": "Mehr Straßenbahnen nach Schöneberg",
    "strassenb": "Mehr Straßenbahnen nach Schöneberg",
    "überfüllt": "Mehr Straßenbahnen nach Schöneberg",
    "cafe": "Fietsenstalling bij het Café",
    "velos": "Pistes cyclables protégées",
    "cool bike": "Bike lane on Coolsingel",
}
ABSENT = ("停电", "停自", "singel", "bike Schöneberg", "zeppelin")
HOSTILE = [
    *("!!!", '"', "'", "*", "AND", "NOT", "OR OR", "a:b", "{x}", "^", "\\", "🚲", "&|!", "(", ")", "--", ";"),
    *(":*", "<->", "\u0301", "\x00", "", "   ", "NEAR(a b)", "' OR 1=1 --", "a & !b", "x" * 500),
]


def test_a_search_finds_words_of_every_language(board):
    for q, title in FINDS.items():
        assert found(q) == {title}, q


def test_a_search_does_not_find_what_is_not_there(board):
    for q in ABSENT:
        assert found(q) == set(), q


def test_no_search_is_a_fault(city, board):
    for q in HOSTILE:
        assert isinstance(found(q), set), q
        assert isinstance(similar_ids(city.id, q), list), q


def test_an_edit_is_found_by_its_new_words_and_not_by_its_old(city, board):
    idea = post(city, board, "Cable car over the Maas")
    edit_idea(idea, draft("Water taxi over the Maas"), by=board, at=clock.now())
    assert found("taxi") == {"Water taxi over the Maas"} and found("cable") == set()


def test_a_withdrawn_idea_is_not_found(city, board):
    idea = post(city, board, "Cable car over the Maas")
    withdraw_idea(idea, by=board, at=clock.now())
    assert found("cable") == set()


def test_similar_ideas_come_best_first(city, board):
    closest = post(city, board, "A bike lane on the Coolsingel please")
    post(city, board, "A lane for buses")
    similar = similar_ids(city.id, "bike lane on the Coolsingel please")
    assert similar[0] == closest.id
    assert db.session.get_one(Idea, similar[1]).title == "Bike lane on Coolsingel"


def test_chinese_titles_are_similar_too(city, board):
    [only] = similar_ids(city.id, "更多自行车停车")
    assert db.session.get_one(Idea, only).title == "地铁站需要更多自行车停车位"


def test_similar_ideas_are_of_this_board_public_and_at_most_five(cities, city, board):
    for number in range(8):
        post(city, board, f"Night bus to the harbour {number}")
    hidden = post(city, board, "Night bus to the harbour hidden")
    put_in_state(hidden, "hidden")
    elsewhere = post(cities["berlin"], board, "Night bus to the harbour")
    similar = similar_ids(city.id, "night bus to the harbour")
    assert len(similar) == 5 and hidden.id not in similar and elsewhere.id not in similar


def test_an_idea_being_edited_is_not_similar_to_itself(city, board):
    idea = post(city, board, "Night bus to the harbour")
    assert similar_ids(city.id, idea.title, leaving_out=idea.id) == []


def test_a_title_of_no_words_is_like_nothing(city, board):
    for title in ("", "a", "!!", "'", '"*', "\x00"):
        assert similar_ids(city.id, title) == []
