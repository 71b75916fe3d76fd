"""The public moderation log: every act, by role, with its reason, and nothing of what is held or hidden."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.extensions import db
from app.core.spreadsheets import harmless
from app.moderation.actions.answering import answer_idea
from app.moderation.actions.banning import ban
from app.moderation.actions.deciding import hide, hold, restore
from app.moderation.actions.marking import pin
from app.moderation.actions.merging import merge_ideas
from app.moderation.actions.rules import change_rules
from app.moderation.actions.setting_aside import set_aside
from app.moderation.actions.undoing import undo
from app.moderation.models import Act
from tests.boards import post, say, statements
from tests.pages import page_of


@pytest.fixture
def ana(city, make_moderator, clock):
    """A moderator of Rotterdam."""
    return make_moderator(city, "Ana Moderatrix")


@pytest.fixture
def mara(make_user):
    """Who posts."""
    return make_user("Mara Example")


def table(client, address: str = "/rotterdam/log.csv") -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200 and response.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def test_an_act_is_told_with_reason_sentence_role_and_time(client, city, ana, mara, clock):
    hide(post(city, mara), because=1, sentence="This insults the council.", by=ana, at=clock.now())
    words = page_of(client.get("/rotterdam/log")).words
    assert "An idea was hidden: Insults or hate. This insults the council." in words
    assert "14 September 2026 14:00 CEST a moderator" in words


def test_neither_moderators_nor_authors_are_named(client, city, ana, mara, clock):
    hide(post(city, mara), because=1, sentence="", by=ana, at=clock.now())
    for address in ("/rotterdam/log", "/rotterdam/log.csv"):
        text = client.get(address).get_data(as_text=True)
        assert "Ana Moderatrix" not in text and "Mara Example" not in text


def test_what_is_hidden_is_not_in_the_log_in_any_way(client, city, ana, mara, clock):
    idea = post(city, mara, "Canary of an idea")
    comment = say(post(city, mara, "Another idea that stays"), mara, "Canary of a comment")
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    hide(comment, because=1, sentence="", by=ana, at=clock.now())
    page = client.get("/rotterdam/log").get_data(as_text=True)
    assert "Canary" not in page and f"/ideas/{idea.id}" not in page and f"#comment-{comment.id}" not in page
    assert "Another idea that stays" in page  # where the comment stood
    assert not any(
        "Canary" in value or f"/ideas/{idea.id}-" in value for row in table(client) for value in row.values()
    )
    restore(idea, by=ana, at=clock.now())
    assert act.kind == "hide"
    page = page_of(client.get("/rotterdam/log"))
    assert (
        page.words.count("Canary of an idea") == 2
        and len(page.all("a", href=f"/rotterdam/ideas/{idea.id}-canary-of-an-idea")) == 2
    )
    assert table(client)[0]["title"] == "Canary of an idea"


def test_a_ban_gives_no_hint_of_who(client, city, ana, mara, clock):
    post(city, mara, "An idea by the banned one")
    ban(mara, city, until=clock.now() + timedelta(days=7), because=3, sentence="", by=ana, at=clock.now())
    words = page_of(client.get("/rotterdam/log")).words
    assert "Somebody was banned until 21 September 2026 14:00 CEST: Advertising or spam." in words
    [row] = table(client)
    assert (row["act"], row["subject"], row["title"], row["address"]) == ("ban", "person", "", "")
    assert f"people/{mara.id}" not in client.get("/rotterdam/log").get_data(as_text=True)


def test_what_was_taken_back_is_marked_and_counts_no_more(client, city, ana, mara, clock):
    act = hide(post(city, mara), because=1, sentence="", by=ana, at=clock.now())
    undo(act, by=ana, at=clock.now())
    page = page_of(client.get("/rotterdam/log"))
    assert "Taken back: the hiding of an item" in page.words
    assert "taken back 14 September 2026 14:00 CEST" in page.words
    assert "hidden 0" in page.words
    assert [row["takes_back"] for row in table(client)] == ["yes", "no"]


def test_figures_of_the_city(client, city, ana, mara, make_user, clock):
    tom = make_user("Tom")
    first, second, third = (
        post(city, by, f"Idea of {by.name} to look at") for by in (mara, tom, make_user("Lisa"))
    )
    clock.advance(60)
    hide(first, because=1, sentence="", by=ana, at=clock.now())
    clock.advance(60)
    restore(first, by=ana, at=clock.now())
    hide(second, because=1, sentence="", by=ana, at=clock.now())
    clock.advance(60)
    hold(third, because=1, sentence="", by=ana, at=clock.now())
    set_aside(city, [tom.id], sentence="", by=ana, at=clock.now())
    words = page_of(client.get("/rotterdam/log")).words
    assert (
        "items held 1 hidden 2 restored 1 accounts set aside 1 median time to a decision 2 minutes" in words
    )
    assert "1 account was set aside: its upvotes do not count" in words
    assert "median time to a decision none yet" in page_of(client.get("/berlin/log")).words


def test_a_merge_names_the_idea_that_stays(client, city, ana, mara, clock):
    one, other = post(city, mara, "The duplicate of an idea"), post(city, mara, "The idea that stays")
    merge_ideas(one, into=other, by=ana, at=clock.now())
    page = page_of(client.get("/rotterdam/log"))
    assert "An idea was merged into another" in page.words and "into The idea that stays" in page.words
    assert "The duplicate" not in page.words
    [row] = table(client)
    assert row["merged_into_title"] == "The idea that stays" and row["title"] == ""


def test_rules_are_told(client, city, ana, clock):
    change_rules(city, by=ana, at=clock.now(), posting_is_open=False, moderation="before")
    words = page_of(client.get("/rotterdam/log")).words
    assert "The board’s rules were changed: posting was paused; moderators look before publication" in words


def test_one_kind_of_act_alone(client, city, ana, mara, clock):
    idea = post(city, mara)
    pin(idea, by=ana, at=clock.now())
    answer_idea(idea, status="taken_up", text="Yes.", by=ana, at=clock.now())
    words = page_of(client.get("/rotterdam/log?kind=pin")).words
    assert "An idea was pinned" in words and "An idea was answered" not in words
    assert [row["act"] for row in table(client, "/rotterdam/log.csv?kind=answer")] == ["answer"]
    assert "An idea was answered" in page_of(client.get("/rotterdam/log?kind=nonsense")).words


def test_older_acts_are_behind_a_key_and_cost_no_more(client, city, ana, mara, clock):
    def act_on(number: int) -> None:
        hide(
            post(city, mara, f"Idea number {number} of many"),
            because=1,
            sentence=f"No {number}.",
            by=ana,
            at=clock.now(),
        )

    for number in range(3):
        act_on(number)
    with statements() as few:
        client.get("/rotterdam/log")
    for number in range(3, 57):
        act_on(number)
    with statements() as many:
        first = page_of(client.get("/rotterdam/log"))
    assert len(many) == len(few) <= 12, many
    [older] = [link["href"] for link in first.all("a", rel="next")]
    second = page_of(client.get(older))
    assert "No 56." in first.words and "No 6." not in first.words
    assert "No 6." in second.words and "No 7." not in second.words and not second.all("a", rel="next")
    assert len(table(client)) == 57
    for nonsense in ("0", "-1", "x", "99999999999999"):
        assert client.get(f"/rotterdam/log?before={nonsense}").status_code == 200


def test_cells_cannot_become_formulas(client, city, ana, mara, clock):
    idea = post(city, mara, "=HYPERLINK(1) and more words")
    clock.advance(90)
    act = hide(idea, because=1, sentence="@SUM(A1:A9)", by=ana, at=clock.now())
    restore(idea, by=ana, at=clock.now())
    first, second = table(client)
    assert first["title"] == second["title"] == "'=HYPERLINK(1) and more words"
    assert second["sentence"] == "'@SUM(A1:A9)" and second["waited_minutes"] == "1.5"
    assert act.kind == "hide"
    assert [harmless(cell) for cell in ("=1", "+1", "-1", "@x", "\tx", "\rx", "a=1", -1, 2.5)] == [
        "'=1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", -1, 2.5,
    ]  # fmt: skip


def test_a_members_only_board_keeps_its_log_to_members(client, signed_in, make_user, city, ana, clock):
    change_rules(city, by=ana, at=clock.now(), is_public=False)
    for address in ("/rotterdam/log", "/rotterdam/log.csv"):
        assert client.get(address).headers["Location"].startswith("/sign-in")
        assert signed_in(make_user("Tom")).get(address).status_code == 200
    assert client.get("/atlantis/log").status_code == 404


def test_an_empty_log_says_so(client):
    page = page_of(client.get("/rotterdam/log"))
    assert "Moderation log" in page.words and "have not had to do anything" in page.words
    assert not db.session.scalars(select(Act)).all()
