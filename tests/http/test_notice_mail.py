"""Notices by mail: each at once, one readable letter a day, or none; and the end of it without signing in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.accounts.actions.erasing import erase
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.answering import answer_idea
from app.moderation.actions.deciding import hide
from app.moderation.actions.undoing import undo
from app.notices.actions.choosing import choose_mail
from app.notices.actions.digesting import send_due_digests
from app.notices.queries.inbox import way_of
from app.notices.tokens import token_for, user_id_of
from tests.boards import at_once, post, run_sql, say
from tests.pages import page_of

pytestmark = pytest.mark.settings(public_url="https://cities.example")

HOST = {"base_url": "https://cities.example"}


@pytest.fixture
def mara(make_user):
    return make_user("Mara", email="mara@example.org", language="en")


@pytest.fixture
def tom(make_user):
    return make_user("Tom", email="tom@example.org")


@pytest.fixture
def ana(make_moderator, city):
    return make_moderator(city, "Ana")


@pytest.fixture
def idea(city, mara, clock):
    return post(city, mara)


def path_in(letter) -> str:
    """The path of the letter's link to end the mail."""
    return re.search(r"https://cities\.example(/unsubscribe/\S+)", letter.get_content())[1]


# --- each at once -----------------------------------------------------------------------------------------------


def test_who_wants_a_mail_for_each_gets_it_at_once(idea, mara, tom, clock, letters):
    choose_mail(mara, "each", at=clock.now())
    comment = say(idea, tom, "Where *exactly*?")
    [letter] = letters()
    assert letter["To"] == "mara@example.org"
    assert letter["Subject"] == "Tom commented on “Bike lane on Coolsingel”"
    text = letter.get_content()
    assert "Hello Mara," in text and "Where exactly?" in text
    assert "Rotterdam, 14 September 2026 14:00 CEST" in text, "in the city's time zone"
    assert f"https://cities.example/rotterdam/ideas/{idea.id}#comment-{comment.id}" in text
    assert "https://cities.example/me/notices" in text
    assert send_due_digests(clock.now() + timedelta(days=1)) == 0, "nothing is told twice"


def test_each_by_each_upvoters_too(idea, mara, tom, ana, clock, letters):
    upvote(idea, by=tom, at=clock.now())
    choose_mail(tom, "each", at=clock.now())
    answer_idea(idea, status="taken_up", text="It is built in May.", by=ana, at=clock.now())
    [letter] = letters()
    assert letter["To"] == "tom@example.org" and "It is built in May." in letter.get_content()


def test_a_letter_is_in_the_readers_language_not_the_writers(idea, mara, tom, clock, letters, signed_in):
    run_sql("UPDATE users SET language = 'de' WHERE id = :id", id=mara.id)
    run_sql("UPDATE users SET language = 'zh' WHERE id = :id", id=tom.id)
    choose_mail(mara, "each", at=clock.now())
    client = signed_in(tom)
    client.post_form(f"/ideas/{idea.id}/comments", {"text": "好"})
    [letter] = letters()
    assert "14. September 2026" in letter.get_content()


def test_who_was_mailed_about_an_act_is_told_that_it_was_undone(idea, mara, ana, clock, letters):
    choose_mail(mara, "each", at=clock.now())
    act = hide(idea, because=1, sentence="Too loud.", by=ana, at=clock.now())
    undo(act, by=ana, at=clock.now())
    hidden, back = letters()
    assert "Reason: Insults or hate" in hidden.get_content() and "Too loud." in hidden.get_content()
    assert f"https://cities.example/acts/{act.id}/objection" in hidden.get_content()
    assert back["Subject"] == "Hiding “Bike lane on Coolsingel” was taken back"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET claimed_email = email, email = NULL, confirmed_at = NULL WHERE id = :id",
        "UPDATE users SET banned_until = '2099-01-01 00:00:00' WHERE id = :id",
    ],
    ids=["not confirmed", "banned"],
)
@pytest.mark.parametrize("way", ["each", "daily"])
def test_only_confirmed_addresses_of_people_who_are_here(statement, way, idea, mara, tom, clock, letters):
    choose_mail(mara, way, at=clock.now())
    if "claimed" in statement:
        run_sql("UPDATE users SET email = NULL, claimed_email = 'm@example.org' WHERE id = :id", id=mara.id)
    else:
        run_sql(statement, id=mara.id)
    say(idea, tom)
    assert send_due_digests(clock.now() + timedelta(days=1)) == 0 and letters() == []


def test_who_left_gets_nothing(idea, mara, tom, clock, letters):
    say(idea, tom)
    erase(mara, clock.now())
    assert send_due_digests(clock.now() + timedelta(days=1)) == 0 and letters() == []


# --- one a day --------------------------------------------------------------------------------------------------


def test_the_daily_letter_is_readable(city, cities, idea, mara, tom, ana, clock, letters):
    other = post(cities["shenzhen"], mara, "深圳的自行车道应该更宽", language="zh")
    say(other, tom, "同意。")
    for number in range(3):
        say(idea, tom, f"Comment {number}")
    clock.advance(120)
    answer_idea(idea, status="taken_up", text="It is built\n\nin May.", by=ana, at=clock.now())
    assert letters() == []
    assert send_due_digests(clock.now()) == 1
    [letter] = letters()
    assert letter["To"] == "mara@example.org"
    assert letter["Subject"].startswith("5 notices: There is an answer to your idea")
    text = letter.get_content()
    order = [
        "Hello Mara,",
        "Rotterdam\n=========",
        "* There is an answer to your idea “Bike lane on Coolsingel” (taken up)\n  14 September 2026 14:02 CEST",
        "| It is built in May.",
        "* 3 new comments on “Bike lane on Coolsingel”",
        f"https://cities.example/rotterdam/ideas/{idea.id}",
        "Shenzhen",
        "* Tom commented on “深圳的自行车道应该更宽”\n  14 September 2026 20:00 CST",
        "| 同意。",
        f"https://cities.example/shenzhen/ideas/{other.id}",
        "https://cities.example/me/notices",
        "https://cities.example/unsubscribe/",
    ]
    places = [text.index(piece) for piece in order]
    assert places == sorted(places), text
    assert "<" not in text and "None" not in text


def test_nothing_that_was_hidden_meanwhile_is_in_the_letter(idea, mara, tom, ana, clock, letters):
    say(idea, tom, "Good.")
    comment = say(idea, tom, "Canary song")
    hide(comment, because=1, sentence="", by=ana, at=clock.now())
    send_due_digests(clock.now())
    [letter] = [one for one in letters() if one["To"] == "mara@example.org"]
    assert "Canary" not in letter.get_content() and "Tom commented on" in letter.get_content()


def test_what_was_read_needs_no_letter(idea, mara, tom, clock, letters, signed_in):
    say(idea, tom)
    client = signed_in(mara)
    client.post_form("/me/notices/read", {"newest": 1000})
    assert send_due_digests(clock.now()) == 0


def test_two_processes_never_send_twice(app, idea, mara, tom, clock, letters):
    say(idea, tom)
    at = clock.now()
    assert sorted(at_once(app, *[lambda: send_due_digests(at)] * 4)) == [0, 0, 0, 1]
    assert len(letters()) == 1


def test_the_command_sends_what_is_due(app, idea, mara, tom, clock, letters):
    say(idea, tom)
    run = app.test_cli_runner().invoke
    assert "1 letters were sent." in run(args=["send-digests"]).output
    assert "No letter is due." in run(args=["send-digests"]).output
    assert len(letters()) == 1


@pytest.mark.settings(public_url="")
def test_without_a_public_address_links_lead_to_this_machine(app, idea, mara, tom, clock, letters):
    say(idea, tom)
    send_due_digests(clock.now())
    assert f"http://127.0.0.1:5000/rotterdam/ideas/{idea.id}" in letters()[0].get_content()


# --- the choice -------------------------------------------------------------------------------------------------


def test_the_choice_is_one_of_three(mara, signed_in):
    client = signed_in(mara)
    page = page_of(client.get("/me/notices"))
    [chosen] = [radio for radio in page.all("input", name="mail") if "checked" in radio]
    assert chosen["value"] == "daily" and "One mail a day with everything new" in page.words
    for way in ("each", "none", "daily"):
        assert client.post_form("/me/notices/mail", {"mail": way}).status_code == 303
        db.session.rollback()
        assert way_of(mara.id) == way
    for wrong in ({}, {"mail": ""}, {"mail": "hourly"}):
        answer = client.post_form("/me/notices/mail", wrong)
        assert answer.status_code == 422
    assert way_of(mara.id) == "daily"


def test_who_chose_none_gets_none_and_no_flood_when_they_come_back(idea, mara, tom, clock, letters):
    choose_mail(mara, "none", at=clock.now())
    say(idea, tom)
    assert send_due_digests(clock.now()) == 0
    choose_mail(mara, "daily", at=clock.now())
    assert send_due_digests(clock.now()) == 0
    say(idea, tom)
    assert send_due_digests(clock.now()) == 1


# --- the end without signing in ---------------------------------------------------------------------------------


def test_the_link_asks_and_the_button_ends_it(idea, mara, tom, clock, letters, client):
    say(idea, tom)
    send_due_digests(clock.now())
    path = path_in(letters()[0])
    page = client.get(path, **HOST)
    assert page.status_code == 200 and "No more mail about notices?" in page_of(page).words
    assert way_of(mara.id) == "daily", "machines open links in mail"
    done = client.post_form(path, headers={"Origin": HOST["base_url"]}, **HOST)
    assert done.status_code == 200 and "You get no more mail about notices" in page_of(done).words
    db.session.rollback()
    assert way_of(mara.id) == "none"
    assert "mara@example.org" not in done.text and "Mara" not in done.text
    assert client.post(path, **HOST).status_code == 200, "again does no harm"


def test_a_mail_programme_ends_it_with_one_click(idea, mara, tom, clock, letters, client):
    """RFC 8058: a bare POST, without cookie, Origin or token of a form."""
    choose_mail(mara, "each", at=clock.now())
    say(idea, tom)
    [letter] = letters()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = letter["List-Unsubscribe"].strip("<>")
    assert address == "https://cities.example" + path_in(letter)
    answer = client.post(path_in(letter), data={"List-Unsubscribe": "One-Click"}, **HOST)
    assert answer.status_code == 200
    db.session.rollback()
    assert way_of(mara.id) == "none"


def test_the_token_decides_alone(mara, tom, signed_in, clock):
    choose_mail(mara, "each", at=clock.now())
    choose_mail(tom, "each", at=clock.now())
    toms = signed_in(tom)
    assert toms.post(f"/unsubscribe/{token_for(mara.id)}").status_code == 200
    db.session.rollback()
    assert (way_of(mara.id), way_of(tom.id)) == ("none", "each")


def test_a_token_that_is_not_ours_opens_nothing(mara, client, clock):
    good = token_for(mara.id)
    for bad in ("x", good + "x", good[:-1], f"{mara.id}", "a.b", "%00", good.replace(".", "..")):
        for send in (client.get, client.post):
            assert send(f"/unsubscribe/{bad}", **HOST).status_code == 404, bad
    assert user_id_of(good) == mara.id and way_of(mara.id) == "daily"
    erase(mara, clock.now())
    assert client.get(f"/unsubscribe/{good}", **HOST).status_code == 404


@pytest.mark.settings(public_url="https://a-rather-long-name-of-a-machine.cities-in-progress.example.org")
def test_a_long_address_in_the_header_stays_whole(app, idea, mara, tom, clock, letters):
    choose_mail(mara, "each", at=clock.now())
    say(idea, tom)
    [letter] = letters()
    [raw] = [path.read_text() for path in (app.extensions["settings"].data / "mail").glob("*.eml")]
    assert f"List-Unsubscribe: {letter['List-Unsubscribe']}\n" in raw.replace("\r\n", "\n")
