"""What is taken out of sight is gone from every kept page at once, and what is new is there at once.

Everything is kept here for as long as its stamp stands, and the time stands still.
"""

from __future__ import annotations

import re

import pytest

from app.accounts.actions.erasing import erase
from app.ideas.actions.commenting import withdraw_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.deciding import hide, hold, restore
from app.moderation.actions.marking import lock_comments, pin
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.rules import change_rules
from tests.boards import draft, post, put_in_state, say
from tests.keeping_pages import Makings, keep_everything
from tests.rooms import go_to, join, workshop_in

BOARD = "/rotterdam"
IDEA = "/rotterdam/ideas/{}-bike-lane-on-coolsingel"


@pytest.fixture(autouse=True)
def makings(monkeypatch, clock) -> Makings:
    return keep_everything(monkeypatch)


@pytest.fixture
def people(make_user, make_moderator, city):
    return {"mara": make_user("Mara Quist"), "tom": make_user("Tom Stork"), "mo": make_moderator(city, "Mo")}


@pytest.fixture
def idea(city, people):
    return post(city, people["mara"])


@pytest.fixture
def seen(client, idea):
    """Call it for what visitors see now: the board, its newest, its list alone, and the idea's page (None: gone)."""

    def look() -> dict[str, str | None]:
        answers = {
            "board": client.get(BOARD),
            "newest": client.get(f"{BOARD}?sort=newest"),
            "list": client.get(BOARD, headers={"HX-Request": "true"}),
            "idea": client.get(IDEA.format(idea.id)),
        }
        return {name: answer.text if answer.status_code == 200 else None for name, answer in answers.items()}

    return look


def counts_in(page: str | None) -> set[int]:
    """The upvotes that a page shows beside its ideas."""
    return {int(count) for count in re.findall(r'data-upvotes="\d+">(\d+)<', page or "")}


TAKEN_AWAY = {
    "hidden": lambda idea, people, at: hide(idea, because=1, sentence="", by=people["mo"], at=at),
    "held": lambda idea, people, at: hold(idea, because=1, sentence="", by=people["mo"], at=at),
    "withdrawn": lambda idea, people, at: withdraw_idea(idea, by=people["mara"], at=at),
    "by a command": lambda idea, people, at: put_in_state(idea, "hidden"),
}


@pytest.mark.parametrize("way", TAKEN_AWAY)
def test_an_idea_that_is_taken_away_is_gone_at_once(seen, idea, people, clock, way, client):
    before = seen()
    assert all("Bike lane on Coolsingel" in page for page in before.values())
    etag = client.get(BOARD).headers["ETag"]
    TAKEN_AWAY[way](idea, people, clock.now())
    after = seen()
    assert after.pop("idea") is None
    assert not [name for name, page in after.items() if "Bike lane on Coolsingel" in page]
    assert client.get(BOARD, headers={"If-None-Match": etag}).status_code == 200
    if way == "hidden":
        restore(idea, by=people["mo"], at=clock.now())
        assert all("Bike lane on Coolsingel" in page for page in seen().values())


def test_an_idea_that_was_merged_leads_on_and_back_again(client, seen, idea, people, city, clock):
    into = post(city, people["tom"], "A network of bike lanes")
    seen()
    merge_ideas(idea, into=into, by=people["mo"], at=clock.now())
    assert client.get(IDEA.format(idea.id)).status_code == 302
    assert "Bike lane on Coolsingel" not in client.get(BOARD).text
    unmerge(idea, by=people["mo"], at=clock.now())
    assert all("Bike lane on Coolsingel" in page for page in seen().values())


def test_a_comment_comes_and_goes_at_once(client, idea, people, clock):
    url = IDEA.format(idea.id)
    client.get(url)
    for take_away in (
        lambda comment: withdraw_comment(comment, by=people["tom"], at=clock.now()),
        lambda comment: hide(comment, because=1, sentence="", by=people["mo"], at=clock.now()),
    ):
        comment = say(idea, people["tom"], "I would ride there every day.")
        assert "I would ride there every day." in client.get(url).text
        take_away(comment)
        assert "I would ride there every day." not in client.get(url).text


CHANGED = {
    "edited": (
        lambda idea, people, at: edit_idea(idea, draft("A wider bike lane"), by=people["mara"], at=at),
        "A wider bike lane",
    ),
    "pinned": (lambda idea, people, at: pin(idea, by=people["mo"], at=at), "Pinned"),
    "locked": (
        lambda idea, people, at: lock_comments(idea, by=people["mo"], at=at),
        "takes no more comments",
    ),
}


@pytest.mark.parametrize("way", CHANGED)
def test_an_idea_shows_at_once_what_was_changed(client, seen, idea, people, clock, way):
    act, words = CHANGED[way]
    assert not [name for name, page in seen().items() if words in page]
    act(idea, people, clock.now())
    assert [name for name, page in seen().items() if words in (page or "")]


def test_an_erased_author_is_named_nowhere_any_more(seen, people, idea, clock):
    say(idea, people["mara"])
    assert all("Mara Quist" in page for page in seen().values())
    erase(people["mara"], clock.now())
    assert not [name for name, page in seen().items() if "Mara Quist" in page]


def test_a_board_that_becomes_for_members_is_closed_at_once(client, seen, city, people, clock):
    seen()
    change_rules(city, is_public=False, by=None, at=clock.now())
    for url in (BOARD, f"{BOARD}?sort=newest"):
        answer = client.get(url)
        assert answer.status_code == 303 and "public" not in answer.headers["Cache-Control"]
    assert seen()["idea"] is None
    change_rules(city, is_public=True, by=None, at=clock.now())
    assert seen()["idea"] is not None


def test_a_paused_board_says_so_at_once(client, city, idea, clock):
    before = client.get(BOARD).text
    change_rules(city, posting_is_open=False, by=None, at=clock.now())
    paused = client.get(BOARD).text
    assert paused != before
    change_rules(city, posting_is_open=True, by=None, at=clock.now())
    assert client.get(BOARD).text == before


def test_every_phase_of_a_workshop_is_on_the_board_at_once(client, city, idea, makings):
    client.get(BOARD)
    workshop = workshop_in(city)
    makings.taken()
    for phase in ("collect", "discuss", "vote", "reveal", "closed"):
        go_to(workshop, phase)
        client.get(BOARD)
        assert makings.taken() == 1, phase


def test_hidden_counts_are_on_no_kept_page_before_the_reveal_and_on_every_one_after_it(
    client, city, idea, people, clock, seen
):
    workshop = workshop_in(city, hides_counts=True)
    join(workshop, people["tom"])
    go_to(workshop, "vote")
    before = seen()
    upvote(idea, by=people["tom"], at=clock.now())
    post(city, people["mara"], "Something else, so that pages are made anew")
    during = client.get(IDEA.format(idea.id)).text
    assert counts_in(during) == counts_in(before["idea"]) == {0}
    go_to(workshop, "reveal")
    assert counts_in(client.get(IDEA.format(idea.id)).text) == {1}


def test_a_count_is_there_when_the_moment_is_over(client, idea, people, clock, monkeypatch):
    before = client.get(BOARD).text
    upvote(idea, by=people["tom"], at=clock.now())
    assert client.get(BOARD).text == before, "kept: the stamp does not know of counts"
    clock.advance(1)
    assert client.get(BOARD).text != before, "but never for longer than a second"
