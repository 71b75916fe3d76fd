"""Who hears what over the socket: all that is public, nothing that is not, and only what was committed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask_babel import get_locale

from app.core import clock
from app.core.announce import announce
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import note_change
from app.ideas.actions.commenting import edit_comment, withdraw_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.events import UpvotesChanged
from app.live import changes
from app.live import delivery as delivering
from tests.boards import draft, post, put_in_state, run_sql, say

MESSAGE = {
    "seq",
    "prev",
    "kind",
    "idea",
    "comment",
    "facts",
    "title",
    "card",
    "article",
    "comment_html",
    "parent",
}


@pytest.fixture
def mara(make_user):
    """A resident of Rotterdam."""
    return make_user("Mara")


@pytest.fixture
def tom(make_user):
    """Who works for a company."""
    return make_user("Tom", group="company")


def all_heard(page) -> str:
    """Everything a page has heard, as one text to search in."""
    return json.dumps(page.heard(), ensure_ascii=False)


def test_maras_idea_reaches_everyone_who_watches_the_board(socket, city, mara, settle):
    page, another = socket(), socket()
    assert page.watch("rotterdam") == {"ok": True, "seq": 0, "watching": 1}
    assert another.watch("rotterdam")["watching"] == 2
    idea = post(city, mara, "A tram bridge over the Maas")
    settle()
    [change] = page.heard("change")
    assert set(change) == MESSAGE
    assert (change["seq"], change["prev"], change["kind"], change["idea"]) == (1, 0, "idea_posted", idea.id)
    assert change["facts"] == {
        "kind": "opportunity",
        "themes": ["congestion"],
        "status": "new",
        "workshop": ["online"],
        "group": "resident",
        "author": mara.id,
    }
    assert "A tram bridge over the Maas" in change["card"] and "Mara" in change["card"]
    assert change["article"] is None and change["comment_html"] is None
    assert another.heard("change") == [change]


def test_an_outsider_who_watches_another_city_hears_nothing(socket, city, mara, tom, settle):
    berlin = socket()
    berlin.watch("berlin")
    settle()
    berlin.heard("watching")
    idea = post(city, mara)
    upvote(idea, by=tom, at=clock.now())
    say(idea, tom)
    settle()
    assert [name for name, _ in berlin.heard() if name != "watching"] == []


def test_a_page_that_watches_nothing_hears_nothing(socket, city, mara, settle):
    page = socket()
    post(city, mara)
    settle()
    assert page.heard() == []


def test_after_unwatch_a_page_hears_nothing_more(socket, city, mara, settle):
    page = socket()
    page.watch("rotterdam")
    page.unwatch()
    post(city, mara)
    settle()
    assert page.heard("change") == [] and page.heard("counts") == []


def test_watching_another_board_leaves_the_first(socket, cities, mara, settle):
    page = socket()
    page.watch("rotterdam")
    page.watch("berlin")
    post(cities["rotterdam"], mara)
    post(cities["berlin"], mara, "Cargo bikes for Kreuzberg")
    settle()
    assert [change["title"] for change in page.heard("change")] == ["Cargo bikes for Kreuzberg"]


def test_what_was_rolled_back_is_never_heard(socket, city, mara, settle):
    page = socket()
    page.watch("rotterdam")
    with pytest.raises(RuntimeError), unit_of_work():
        post(city, mara, "Never happened")
        raise RuntimeError("the disk is full")
    settle()
    assert page.heard("change") == [] and page.heard("counts") == []
    post(city, mara, "Did happen")
    settle()
    assert [(change["seq"], change["title"]) for change in page.heard("change")] == [(1, "Did happen")]


def test_nothing_is_heard_before_the_commit(socket, city, mara, settle):
    page = socket()
    page.watch("rotterdam")
    with unit_of_work():
        post(city, mara)
        settle()
        assert page.heard("change") == []
    settle()
    assert len(page.heard("change")) == 1


def test_a_card_is_rendered_once_for_each_language_in_use(socket, city, mara, settle, monkeypatch):
    rendered: list[str] = []
    real = changes.board_message

    def counted(**words: Any):
        rendered.append(get_locale().language)
        return real(**words)

    monkeypatch.setattr(changes, "board_message", counted)
    english, english_too, german, chinese = socket(), socket(), socket(), socket()
    english.watch("rotterdam", "en")
    english_too.watch("rotterdam", "en")
    german.watch("rotterdam", "de")
    chinese.watch("rotterdam", "zh")
    post(city, mara)
    settle()
    assert sorted(rendered) == ["de", "en", "zh"]
    assert "Congestion" in english.heard("change")[0]["card"]
    assert "Congestion" in english_too.heard("change")[0]["card"]
    assert "Stau" in german.heard("change")[0]["card"]
    assert "交通拥堵" in chinese.heard("change")[0]["card"]


def test_nothing_is_rendered_where_nobody_watches(city, mara, settle, monkeypatch):
    def never(**_words: Any):
        raise AssertionError("rendered for nobody")

    monkeypatch.setattr(changes, "board_message", never)
    monkeypatch.setattr(changes, "idea_message", never)
    said: list[str] = []
    monkeypatch.setattr(delivering.log, "exception", said.append)
    post(city, mara)
    settle()
    assert said == []


@pytest.mark.parametrize("state", ["held", "hidden", "merged", "withdrawn"])
def test_an_idea_that_is_not_public_never_travels(socket, city, mara, settle, state):
    idea = post(city, mara, "Secret shortcut", text="Through the harbour")
    settle()
    board, page = socket(), socket()
    board.watch("rotterdam")
    page.watch("rotterdam", idea=idea.id)
    put_in_state(idea, state)
    settle()
    [change] = [message for name, message in board.heard() if name == "change"]
    assert (change["kind"], change["idea"]) == ("idea_withdrawn", idea.id)
    assert change["card"] is change["title"] is change["facts"] is None
    assert "Secret" not in json.dumps(change)
    said = all_heard(page)
    assert '"idea_withdrawn"' in said
    assert "Secret" not in said and "harbour" not in said


@pytest.mark.parametrize("state", ["held", "hidden", "merged", "withdrawn"])
def test_words_and_upvotes_under_a_hidden_idea_stay_there(socket, city, mara, tom, settle, state):
    idea = post(city, mara, "Secret shortcut")
    comment = say(idea, tom, "Whispered behind the door")
    put_in_state(idea, state)
    settle()
    page = socket()
    page.watch("rotterdam")
    with unit_of_work():
        note_change(idea, "comment_edited", at=clock.now(), comment_id=comment.id)
    settle()
    said = all_heard(page)
    assert "Secret" not in said and "Whispered" not in said


def test_a_hidden_comment_is_taken_from_the_page_without_its_words(socket, city, mara, tom, settle):
    idea = post(city, mara)
    comment = say(idea, tom, "Whispered behind the door")
    settle()
    page = socket()
    page.watch("rotterdam", idea=idea.id)
    run_sql("UPDATE comments SET state = 'hidden' WHERE id = :id", id=comment.id)
    with unit_of_work():
        note_change(idea, "comment_edited", at=clock.now(), comment_id=comment.id)
    settle()
    [change] = page.heard("change")
    assert (change["kind"], change["comment"]) == ("comment_withdrawn", comment.id)
    assert change["comment_html"] is None and "Whispered" not in json.dumps(change)


@pytest.mark.parametrize("state", ["held", "hidden", "merged", "withdrawn"])
def test_an_idea_that_is_not_public_cannot_be_watched_even_by_its_author(socket, city, mara, settle, state):
    idea = post(city, mara)
    put_in_state(idea, state)
    stranger, author = socket(), socket(mara)
    assert stranger.watch("rotterdam", idea=idea.id) == {"ok": False}
    assert author.watch("rotterdam", idea=idea.id) == {"ok": False}
    settle()
    with unit_of_work():
        note_change(idea, "idea_edited", at=clock.now())
    settle()
    assert stranger.heard("change") == author.heard("change") == []


def test_an_idea_cannot_be_watched_on_another_citys_board(socket, city, mara):
    idea = post(city, mara)
    assert socket().watch("berlin", idea=idea.id) == {"ok": False}


def test_an_ideas_page_hears_its_own_idea_with_text_and_comments(socket, city, mara, tom, settle, clock):
    idea, other = post(city, mara, text="The *first* words"), post(city, mara, "Another idea here")
    settle()
    page = socket()
    assert page.watch("rotterdam", idea=idea.id)["seq"] == 2
    edit_idea(idea, draft(text="The **second** words"), by=mara, at=clock.now())
    edit_idea(other, draft("Another title here"), by=mara, at=clock.now())
    comment = say(idea, tom, "What about *trams*?", stance="concern")
    reply = say(idea, mara, "They have their own lane.", under=comment)
    settle()  # each message shows things as they are when it leaves
    edit_comment(comment, "What about buses?", stance=None, by=tom, at=clock.now())
    withdraw_comment(reply, by=mara, at=clock.now())
    settle()
    withdraw_idea(idea, by=mara, at=clock.now())
    settle()
    heard = page.heard("change")
    assert [(one["seq"], one["prev"], one["kind"], one["comment"]) for one in heard] == [
        (3, 1, "idea_edited", None),
        (5, 3, "comment_posted", comment.id),
        (6, 5, "comment_posted", reply.id),
        (7, 6, "comment_edited", comment.id),
        (8, 7, "comment_withdrawn", reply.id),
        (9, 8, "idea_withdrawn", None),
    ]
    assert "<strong>second</strong>" in heard[0]["article"] and heard[0]["card"] is None
    assert [one["parent"] for one in heard[1:3]] == [None, comment.id]
    assert heard[4]["comment_html"] is None and heard[5]["article"] is None


def test_a_board_hears_that_a_card_has_one_more_comment_but_not_its_words(socket, city, mara, tom, settle):
    idea = post(city, mara)
    settle()
    page = socket()
    page.watch("rotterdam")
    say(idea, tom, "These words are read on the idea's own page.")
    settle()
    [change] = page.heard("change")
    assert change["kind"] == "comment_posted" and "read on the idea" not in json.dumps(change)
    assert change["card"] is not None


def test_counts_reach_the_board_and_groups_the_ideas_page(socket, city, mara, tom, settle):
    idea = post(city, mara)
    settle()
    board, page = socket(), socket()
    board.watch("rotterdam")
    page.watch("rotterdam", idea=idea.id)
    upvote(idea, by=tom, at=clock.now())
    settle()
    assert board.heard("counts")[-1] == {
        "city": "rotterdam",
        "counts": {str(idea.id): 1},
        "figures": {"ideas": 1, "upvotes": 1, "people": 2},
    }
    assert page.heard("counts")[-1]["counts"] == {str(idea.id): 1}
    [groups] = page.heard("groups")
    assert groups["idea"] == idea.id and groups["groups"]["company"] == 1
    assert sum(groups["groups"].values()) == 1
    assert board.heard("groups") == []
    assert board.heard("change") == []  # an upvote is no structural change


def test_the_count_of_a_hidden_idea_does_not_travel(socket, city, mara, tom, settle):
    idea = post(city, mara)
    upvote(idea, by=tom, at=clock.now())
    settle()
    page = socket()
    page.watch("rotterdam")
    run_sql("UPDATE ideas SET state = 'hidden' WHERE id = :id", id=idea.id)
    with unit_of_work():
        announce(UpvotesChanged(city.id, idea.id, tom.id, True))
    settle()
    [counts] = page.heard("counts")
    assert counts["counts"] == {} and counts["figures"]["upvotes"] == 0


def test_that_tom_upvoted_is_told_to_toms_own_pages_only(socket, city, mara, tom, settle):
    idea = post(city, mara)
    settle()
    toms, toms_phone, maras, nobodys = socket(tom), socket(tom), socket(mara), socket()
    for page in (toms, maras, nobodys):
        page.watch("rotterdam")
    upvote(idea, by=tom, at=clock.now())
    settle()
    assert toms.heard("mine") == toms_phone.heard("mine") == [{"idea": idea.id, "upvoted": True}]
    take_back_upvote(idea, by=tom, at=clock.now())
    settle()
    assert toms.heard("mine") == [{"idea": idea.id, "upvoted": False}]
    assert maras.heard("mine") == nobodys.heard("mine") == []


def test_no_message_names_who_upvoted(socket, city, mara, tom, settle):
    idea = post(city, mara)
    settle()
    page = socket(mara)
    page.watch("rotterdam")
    upvote(idea, by=tom, at=clock.now())
    settle()
    assert "Tom" not in all_heard(page)


@pytest.mark.settings(confirm_email=True)
def test_an_unconfirmed_upvote_is_heard_by_its_owner_and_counts_for_nobody(
    socket, city, mara, make_user, settle
):
    newcomer = make_user("Nia", confirmed=False)
    idea = post(city, mara)
    settle()
    own, board = socket(newcomer), socket()
    own.watch("rotterdam")
    board.watch("rotterdam")
    upvote(idea, by=newcomer, at=clock.now())
    settle()
    assert own.heard("mine") == [{"idea": idea.id, "upvoted": True}]
    [message] = board.heard("counts")
    assert message["counts"] == {} and message["figures"]["upvotes"] == 0, "not even that somebody upvoted it"
    assert message["figures"]["people"] == 2, "but one more takes part in the board"


def test_a_withdrawn_idea_leaves_the_board_of_everyone(socket, city, mara, settle, clock):
    idea = post(city, mara)
    settle()
    page = socket()
    page.watch("rotterdam")
    withdraw_idea(idea, by=mara, at=clock.now())
    settle()
    [change] = page.heard("change")
    assert (change["kind"], change["card"], change["title"]) == ("idea_withdrawn", None, None)
    assert page.heard("counts")[-1]["figures"]["ideas"] == 0
