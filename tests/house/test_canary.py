"""Nothing held or hidden, nor its title, author or number, reaches anyone without the right, by whatever way.

A board is planted with words that give themselves away. While moderators act on it, everybody asks every address
there is and listens to every topic, and what they may not know must not be among what they get.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock
from app.notices.actions.digesting import send_due_digests
from tests.house.canary.acting import bring_back, take_away
from tests.house.canary.asking import AS_FRAGMENT, AS_PAGE, AS_SCRIPT, addresses, after_an_act, ask
from tests.house.canary.board import (
    ITEMS,
    NEVER_PUBLIC,
    OF_MODERATORS,
    PRIVATE,
    UNSEEN,
    WITHDRAWN,
    Board,
    words_of,
)
from tests.house.canary.planting import FIRST_NUMBER, plant, word

pytestmark = pytest.mark.settings(reports_to_hold=2)

IDEAS = ("hidden", "reported", "merged", "target", "waiting", "declined")
COMMENTS = ("onhidden", "onmerged", "hiddencomment", "reportedcomment", "waitingcomment", "declinedcomment")
NO_NUMBER = FIRST_NUMBER + 900_000


@pytest.fixture
def board(app, cities, make_user, signed_in, socket, settle) -> Board:
    planted = plant(cities["rotterdam"], make_user, cities["berlin"])
    settle()
    return Board(app, planted, signed_in, socket, settle)


def test_nobody_meets_what_they_may_not_know(board, make_user):
    """Nobody in particular, a participant who commented, upvoted and was told, a moderator of another city."""
    board.watch()
    undoable = take_away(board, make_user)
    for name, ways in (("nobody", 3), ("tom", 2), ("omar", 1)):
        for headers in (AS_PAGE, AS_SCRIPT, AS_FRAGMENT)[:ways]:
            for answer in board.answers(name, headers):
                board.check(name, answer)
    bring_back(board, undoable)
    read = set[str]().union(*(ask(board.clients["nobody"], url).words for url in after_an_act(board.planted)))
    public = words_of(IDEAS, ("title", "text", "name")) | words_of(COMMENTS, ("text", "name"))
    revised = words_of((*IDEAS, *COMMENTS), ("revision",)) - UNSEEN
    assert public | revised | {word("hidden", "answer")} <= read, "what is public again can be read"


def test_moderators_meet_all_of_it_but_addresses_and_upvoters(board, make_user):
    take_away(board, make_user)
    read = set[str]().union(*(answer.words for answer in board.answers("mo", AS_PAGE)))
    theirs = words_of(IDEAS, ("title", "text", "name")) | words_of(COMMENTS, ("text", "name"))
    assert theirs | OF_MODERATORS | {word("hidden", "answer")} <= read
    assert read & (PRIVATE | WITHDRAWN | UNSEEN) == set()


def test_organisers_meet_addresses_and_upvoters_too_but_nothing_that_was_withdrawn(board, make_user):
    take_away(board, make_user)
    read = set[str]().union(*(answer.words for answer in board.answers("olga", AS_PAGE)))
    assert words_of(IDEAS, ("title", "text", "name")) | OF_MODERATORS <= read
    assert {word("upvoter", "name"), word("hidden", "mail")} <= read
    assert read & (WITHDRAWN | UNSEEN) == set()


def test_authors_meet_their_own_and_nobody_elses(board, make_user):
    take_away(board, make_user)
    read = set[str]().union(*(answer.words for answer in board.answers("author", AS_PAGE)))
    own = words_of(["hidden"], ("title", "text", "revision", "answer", "name", "mail"))
    assert own <= read
    on_it = words_of(["onhidden"], ("text", "revision", "name", "company"))
    others = words_of(set(ITEMS) - {"hidden"}) | PRIVATE | OF_MODERATORS | WITHDRAWN
    assert read & others - own - on_it - {word("objection", "text")} == set()


@pytest.mark.parametrize("name", ["nobody", "tom", "omar"])
def test_a_refusal_says_the_same_about_something_and_about_nothing(board, make_user, name):
    """Whoever guesses numbers learns nothing from what comes back."""
    take_away(board, make_user)
    told = {
        board.items[item].id for item in (*NEVER_PUBLIC, "hidden", "target", "withdrawn", "hiddencomment")
    }
    asked = 0
    ask(board.clients[name], "/")  # the first page of a browser sets a cookie, the others do not
    for url in addresses(board.app, board.planted):
        number = next((number for number in told if f"/{number}" in url), None)
        if number is not None:
            asked += 1
            for headers in (AS_PAGE, AS_SCRIPT):
                there = ask(board.clients[name], url, headers)
                nothing = ask(board.clients[name], url.replace(str(number), str(NO_NUMBER)), headers)
                assert there.as_of(number) == nothing.as_of(NO_NUMBER), url
    assert asked > 60


def test_figures_and_counts_are_of_what_is_public(board, make_user):
    take_away(board, make_user)
    older = board.items["older"]
    shown = ",".join(f"{idea.id}:99" for idea in board.planted.ideas.values())
    answer = board.clients["nobody"].get_json(f"/rotterdam/changes?since=0&shown={shown}")
    assert (answer["figures"]["ideas"], answer["figures"]["upvotes"]) == (2, 1)
    assert answer["counts"] == {str(older.id): 1, str(board.items["newer"].id): 0}
    assert older.comment_count == 1, "a reply; the other comments are hidden, held or waiting"


def test_no_letter_says_it_either(board, make_user, letters, settle):
    """Neither at once nor in the digest of the next morning, to anybody but the author."""
    take_away(board, make_user)
    settle()
    send_due_digests(clock.now().replace(hour=12) + timedelta(days=1))
    assert any("tom" in letter["To"] for letter in letters()), "Tom gets his digest"
    for letter in letters():
        text = f"{letter['Subject']}\n{letter.get_content()}".lower()
        own = next((item for item in ITEMS if letter["To"] == f"zq{item}mail@example.org"), "")
        met = {found for found in words_of(ITEMS) | OF_MODERATORS if found in text}
        assert met <= words_of([own, "onmerged" if own == "target" else own]), letter["To"]
