"""The number of SQL statements of an answer does not depend on how much a board holds."""

from __future__ import annotations

import pytest

from app.ideas.actions.commenting import edit_comment
from app.ideas.actions.posting import edit_idea
from app.ideas.actions.upvoting import upvote
from tests.boards import draft, post, say, statements


@pytest.fixture
def people(make_user):
    """Six of all kinds."""
    groups = ["resident", "student", "company", "institute", "university", "city_administration"]
    return [make_user(f"Person {number}", group=group) for number, group in enumerate(groups)]


def fill(city, people, ideas: int) -> None:
    """Ideas with themes, upvotes and comments, by everybody."""
    for number in range(ideas):
        by, other = people[number % 6], people[(number + 1) % 6]
        idea = post(city, by, f"Idea number {number}", themes=(1 + number % 12, 1 + (number + 5) % 12))
        upvote(idea, by=other, at=idea.created_at)
        say(idea, other)


def talk(idea, people, comments: int) -> None:
    """Comments with replies and corrections."""
    for number in range(comments // 2):
        by = people[number % 6]
        comment = say(idea, by, f"Comment {number}", stance="support")
        say(idea, people[(number + 1) % 6], f"Reply {number}", under=comment)
        edit_comment(comment, f"Corrected {number}", stance=None, by=by, at=comment.created_at)


def cost(client, address: str, **kwargs) -> int:
    """How many statements an answer takes."""
    with statements() as sent:
        response = client.get(address, follow_redirects=False, **kwargs)
    assert response.status_code == 200, address
    return len(sent)


ADDRESSES = [
    "/rotterdam",
    "/rotterdam?sort=newest",
    "/rotterdam?sort=trending&kind=opportunity",
    "/rotterdam?q=idea",
    "/rotterdam/changes?since=0",
    "/rotterdam/similar?title=idea+number",
    "/",
    "/me",
]


def test_a_board_costs_the_same_with_five_ideas_and_with_sixty(city, client, signed_in, people):
    nobody, somebody = client, signed_in(people[0])
    fill(city, people, 5)
    few = {
        (address, who is somebody): cost(who, address)
        for address in ADDRESSES
        for who in (nobody, somebody)
        if address != "/me" or who is somebody
    }
    fill(city, people, 55)
    many = {
        (address, is_somebody): cost(somebody if is_somebody else nobody, address)
        for address, is_somebody in few
    }
    more = {key: (few[key], many[key]) for key in few if many[key] > few[key]}
    assert not more, f"these grow with the board: {more}"
    assert many["/rotterdam", False] <= 14 and many["/rotterdam", True] <= 17, many


def test_an_idea_costs_the_same_with_two_comments_and_with_forty(city, client, signed_in, people):
    idea = post(city, people[0])
    for number in range(3):
        edit_idea(idea, draft(f"Title number {number}"), by=people[0], at=idea.created_at)
    address = f"/rotterdam/ideas/{idea.id}-title-number-2"
    somebody = signed_in(people[1])
    talk(idea, people, 2)
    few = cost(client, address), cost(somebody, address)
    talk(idea, people, 38)
    many = cost(client, address), cost(somebody, address)
    assert many == few
    assert many[0] <= 18 and many[1] <= 21, many


def test_catching_up_on_an_idea_costs_the_same_for_two_comments_and_for_forty(city, client, people):
    idea = post(city, people[0])
    address = f"/rotterdam/changes?since=1&idea={idea.id}&shown={idea.id}:0"
    talk(idea, people, 2)
    few = cost(client, address)
    talk(idea, people, 38)
    assert cost(client, address) == few


def test_asking_for_nothing_new_costs_little(city, client, people):
    idea = post(city, people[0])
    with statements() as sent:
        assert client.get(f"/rotterdam/changes?since=1&shown={idea.id}:0").status_code == 204
    assert len(sent) <= 4, sent


def test_a_card_is_read_once_and_kept_until_it_changes(city, client, people):
    idea = post(city, people[0])
    cold = cost(client, "/rotterdam")
    warm = cost(client, "/rotterdam")
    assert warm <= cold
    assert "Bike lane on Coolsingel" in client.get("/rotterdam").get_data(as_text=True)
    edit_idea(idea, draft("A title nobody has read yet"), by=people[0], at=idea.created_at)
    shown = client.get("/rotterdam").get_data(as_text=True)
    assert "A title nobody has read yet" in shown and "Bike lane on Coolsingel" not in shown
