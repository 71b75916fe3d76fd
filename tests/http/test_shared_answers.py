"""Pages that come back together are told alike, made once; what is one reader's own is theirs alone.

Everything is kept here for as long as the board's number stands.
"""

from __future__ import annotations

import zlib

import pytest

from app.ideas.actions.upvoting import upvote
from app.ideas.queries import sharing
from app.moderation.actions.deciding import hide
from app.moderation.actions.rules import change_rules
from tests.boards import post, say


@pytest.fixture(autouse=True)
def made(monkeypatch) -> list[tuple[int, int, int | None]]:
    """The questions whose list of changes was made: city's number, since, idea."""
    asked: list[tuple[int, int, int | None]] = []
    missed_since = sharing.missed_since

    def counted(city_id: int, seq: int, since: int, idea_id: int | None = None):
        asked.append((seq, since, idea_id))
        return missed_since(city_id, seq, since, idea_id)

    monkeypatch.setattr(sharing, "missed_since", counted)
    monkeypatch.setattr(sharing, "FRESH", 0)
    monkeypatch.setattr(sharing, "MOMENT", 3600.0)
    return asked


@pytest.fixture
def people(make_user):
    return {name: make_user(name) for name in ("Mara", "Tom", "Ada")}


@pytest.fixture
def idea(city, people):
    return post(city, people["Mara"])


def asked(client, query: str = "since=0", **headers: str):
    answer = client.get(
        f"/rotterdam/changes?{query}",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    return answer.get_json() if answer.status_code == 200 else answer.status_code


def test_equal_questions_are_answered_once_whatever_counts_the_pages_show(app, idea, made):
    answers = [asked(app.test_client(), f"since=0&shown={idea.id}:{count}") for count in (0, 1, 2)]
    assert answers[0]["changes"] == answers[1]["changes"] == answers[2]["changes"]
    assert [answer["counts"] for answer in answers] == [{}, {str(idea.id): 0}, {str(idea.id): 0}]
    assert made == [(1, 0, None)]


def test_what_answers_begin_with_is_compressed_once_and_each_is_one_whole_gzip_stream(
    app, city, people, idea, monkeypatch
):
    packers: list[int] = []
    compressobj = zlib.compressobj
    monkeypatch.setattr(zlib, "compressobj", lambda *how: packers.append(1) or compressobj(*how))
    for count in (0, 1, 2):
        url = f"/rotterdam/changes?since=0&shown={idea.id}:{count}"
        plain = app.test_client().get(url)
        packed = app.test_client().get(url, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
        assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
        assert len(packed.data) < len(plain.data) / 2
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        assert stream.decompress(packed.data) == plain.data and stream.eof and stream.unused_data == b""
    assert len(packers) == 1 + 3, "the list once, and what is each page's own"


def test_other_numbers_ideas_and_languages_are_other_questions(app, city, people, idea, made):
    post(city, people["Mara"], "A bench at every stop")
    client = app.test_client()
    queries = ("since=0", "since=1", f"since=0&idea={idea.id}")
    told = [asked(client, query) for query in (*queries, *queries)]
    assert told[:3] == told[3:]
    assert [len(answer["changes"]) for answer in told[:3]] == [2, 1, 1]
    assert [(since, about) for _seq, since, about in made] == [(0, None), (1, None), (0, idea.id)]
    german = asked(client, Accept_Language="de")
    assert german["changes"][0]["card"] != told[0]["changes"][0]["card"] and len(made) == 4


def test_upvotes_of_one_reader_are_told_to_nobody_else(app, signed_in, idea, people, clock):
    upvote(idea, by=people["Tom"], at=clock.now())
    query = f"since=0&shown={idea.id}:0"
    tom, ada = asked(signed_in(people["Tom"]), query), asked(signed_in(people["Ada"]), query)
    nobody = asked(app.test_client(), query)
    assert (tom["mine"], ada["mine"], nobody["mine"]) == ([idea.id], [], [])
    assert tom["changes"] == ada["changes"] == nobody["changes"]
    assert tom["counts"] == ada["counts"] == nobody["counts"] == {str(idea.id): 1}


def test_what_is_hidden_is_in_no_answer_from_then_on(client, city, idea, people, clock):
    post(city, people["Tom"], "A bench at every stop")
    assert "Bike lane" in str(asked(client))
    hide(idea, because=1, sentence="", by=None, at=clock.now())
    assert "Bike lane" not in str(asked(client))
    assert "bench" in str(asked(client))


def test_a_board_that_becomes_for_members_tells_nobody_else_what_is_kept(
    client, city, idea, signed_in, people, clock
):
    assert asked(client)["seq"] == 1
    change_rules(city, is_public=False, by=None, at=clock.now())
    assert asked(client, Accept="application/json") == 401
    assert asked(signed_in(people["Tom"]))["seq"] == 1


def test_a_count_beside_the_kept_list_is_right_at_once(client, idea, people, clock):
    query = f"since=0&shown={idea.id}:0"
    assert asked(client, query)["counts"] == {}
    upvote(idea, by=people["Tom"], at=clock.now())
    say(idea, people["Ada"])
    upvote(idea, by=people["Ada"], at=clock.now())
    assert asked(client, query)["counts"] == {str(idea.id): 2}
