"""One upvote a person and idea; it can be taken back; nobody upvotes their own."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select

from app.core import clock
from app.core.errors import NotThere
from app.core.extensions import db
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Idea, Upvote
from tests.boards import post, put_in_state
from tests.pages import message_of, page_of

JSON = {"Accept": "application/json"}


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def idea(city, mara):
    """Mara's idea."""
    return post(city, mara)


@pytest.fixture
def toms(signed_in, make_user):
    """Tom's browser."""
    return signed_in(make_user("Tom"))


def counts(idea: Idea) -> tuple[int, int]:
    """(rows, counter)"""
    rows = db.session.scalar(select(func.count()).select_from(Upvote).where(Upvote.idea_id == idea.id)) or 0
    return rows, db.session.get_one(Idea, idea.id).upvote_count


def test_a_script_puts_and_deletes(toms, idea):
    for method, upvoted, count in (
        ("PUT", True, 1),
        ("PUT", True, 1),
        ("DELETE", False, 0),
        ("DELETE", False, 0),
    ):
        response = toms.send(method, f"/ideas/{idea.id}/upvote", headers=JSON)
        assert response.status_code == 200
        assert response.get_json() == {"idea": idea.id, "upvoted": upvoted, "upvotes": count}
        assert counts(idea) == (count, count)


def test_the_button_works_as_a_plain_form(toms, idea):
    response = toms.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "on", "next": "/rotterdam?sort=newest"})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/rotterdam?sort=newest#idea-{idea.id}"
    assert counts(idea) == (1, 1)
    toms.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "off"})
    assert counts(idea) == (0, 0)


def test_the_answer_to_a_form_never_leads_away(toms, idea):
    own = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel#idea-{idea.id}"
    for elsewhere in (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//x",
        "",
    ):
        response = toms.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "on", "next": elsewhere})
        assert response.headers["Location"] == own, elsewhere


def test_nobody_upvotes_their_own(signed_in, mara, idea):
    maras = signed_in(mara)
    told = maras.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON)
    assert told.status_code == 403 and message_of(told) == "You cannot upvote your own idea."
    page = maras.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "on"})
    assert page.status_code == 403 and "You cannot upvote your own idea." in page_of(page).words
    assert counts(idea) == (0, 0)


def test_who_is_not_signed_in_is_told_where_to(client, idea):
    told = client.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON)
    assert told.status_code == 401 and told.get_json()["sign_in"].startswith("/sign-in")
    form = client.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "on", "next": "/rotterdam?q=tram"})
    assert form.headers["Location"] == "/sign-in?next=/rotterdam?q%3Dtram"
    assert counts(idea) == (0, 0)


@pytest.mark.parametrize("state", ["held", "hidden", "merged", "withdrawn"])
def test_what_is_not_public_cannot_be_upvoted(toms, idea, state):
    put_in_state(idea, state)
    for method in ("PUT", "DELETE"):
        assert toms.send(method, f"/ideas/{idea.id}/upvote", headers=JSON).status_code == 404
    assert toms.send("PUT", "/ideas/4242/upvote", headers=JSON).status_code == 404
    assert counts(idea) == (0, 0)


def test_two_people_are_two(toms, signed_in, make_user, idea):
    toms.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON)
    nias = signed_in(make_user("Nia"))
    answer = nias.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON).get_json()
    assert answer["upvotes"] == 2
    assert toms.send("DELETE", f"/ideas/{idea.id}/upvote", headers=JSON).get_json()["upvotes"] == 1
    assert counts(idea) == (1, 1)


@pytest.mark.settings(confirm_email=True)
def test_an_upvote_counts_from_the_confirmation_on(signed_in, client, make_user, city, letters):
    from urllib.parse import urlsplit

    mara = make_user("Mara")
    idea = post(city, mara)
    newcomer = make_user("Nia", group="student", confirmed=False)
    nias = signed_in(newcomer)
    answer = nias.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON).get_json()
    assert (answer["upvoted"], answer["upvotes"]) == (True, 0)
    address = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"
    assert page_of(nias.get("/rotterdam")).one("button", class_="upvote")["aria-pressed"] == "true"
    assert "counted once your e-mail address is confirmed" in page_of(nias.get("/me")).words
    assert "Student 0" in page_of(client.get(address)).words
    nias.post_form("/confirm")
    [letter] = letters()
    link = next(word for word in letter.get_content().split() if "/confirm/" in word)
    assert nias.post_form(urlsplit(link).path).status_code == 303
    assert counts(idea) == (1, 1)
    assert "Student 1" in page_of(client.get(address)).words
    assert "counted once" not in page_of(nias.get("/me")).words


@pytest.mark.settings(confirm_email=True)
def test_an_uncounted_upvote_taken_back_takes_nothing_away(signed_in, make_user, city):
    mara, tom = make_user("Mara"), make_user("Tom")
    idea = post(city, mara)
    nias, toms = signed_in(make_user("Nia", confirmed=False)), signed_in(tom)
    toms.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON)
    nias.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON)
    assert nias.send("DELETE", f"/ideas/{idea.id}/upvote", headers=JSON).get_json()["upvotes"] == 1
    assert counts(idea) == (1, 1)


@pytest.mark.settings(confirm_email=True)
def test_after_a_day_without_confirming_nothing_new_but_taking_back(signed_in, make_user, city, clock):
    idea, other = post(city, make_user("Mara")), post(city, make_user("Wei"), "Another idea here")
    nias = signed_in(make_user("Nia", confirmed=False))
    nias.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON)
    clock.advance(24 * 3600)
    told = nias.send("PUT", f"/ideas/{other.id}/upvote", headers=JSON)
    assert told.status_code == 403 and "confirm your e-mail" in message_of(told)
    assert nias.send("DELETE", f"/ideas/{idea.id}/upvote", headers=JSON).status_code == 200
    assert counts(idea) == (0, 0) == counts(other)


@pytest.mark.settings(rate_limits=True)
def test_a_storm_of_upvotes_by_one_person_is_slowed(toms, idea):
    statuses = [toms.send("PUT", f"/ideas/{idea.id}/upvote", headers=JSON).status_code for _ in range(301)]
    assert statuses[:300] == [200] * 300 and statuses[300] == 429


@pytest.mark.parametrize("act", [upvote, take_back_upvote])
def test_an_upvote_of_an_idea_that_is_removed_meanwhile_is_refused_and_not_a_fault(city, make_user, act):
    idea, tom = post(city, make_user("Mara")), make_user("Tom")
    assert idea.id and tom.id, "read, as by a request, when the idea goes"
    with db.engine.begin() as other:
        other.execute(delete(Idea))
    with pytest.raises(NotThere):
        act(idea, by=tom, at=clock.now())
