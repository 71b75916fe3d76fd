"""Posting an idea, its page, editing it and taking it back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.cities.models import Workshop
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.posting import edit_idea
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea, IdeaRevision, IdeaTheme
from tests.boards import draft, post, put_in_state, run_sql, say
from tests.pages import cards_on, message_of, page_of

JSON = {"Accept": "application/json"}
TYPED = {
    "kind": "challenge",
    "title": "Trams wait for cars on the Blaak",
    "text": "At **every** light.",
    "themes": ["1", "4"],
    "language": "",
    "workshop": "",
    "submission_key": "11111111-2222-3333-4444-555555555555",
}
MINUTES = 60


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def maras(signed_in, mara, clock):
    """Mara's browser."""
    return signed_in(mara)


def the_idea() -> Idea:
    return db.session.scalars(select(Idea)).one()


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# posting ---------------------------------------------------------------------------------------------


def test_mara_posts_an_idea(maras, mara, client):
    response = maras.post_form("/rotterdam/ideas", TYPED)
    idea = the_idea()
    assert response.status_code == 303
    assert response.headers["Location"] == f"/rotterdam/ideas/{idea.id}-trams-wait-for-cars-on-the-blaak"
    assert (idea.kind, idea.title, idea.text) == ("challenge", TYPED["title"], "At **every** light.")
    assert (idea.author_id, idea.language, idea.state, idea.workshop_id) == (mara.id, "en", "published", None)
    assert [theme.theme_id for theme in idea.themes] == [1, 4]
    page = page_of(client.get(response.headers["Location"]))
    assert TYPED["title"] in page.words and "At every light." in page.words
    assert cards_on(client.get("/rotterdam")) == [idea.id]


def test_the_form_names_every_field(maras):
    page = page_of(maras.get("/rotterdam/ideas/new"))
    for words in (
        "Post idea",
        "Title",
        "Text",
        "Themes",
        "Challenge",
        "Opportunity",
        "Language",
        "Congestion",
    ):
        assert words in page.words, words
    assert len(page.all("input", name="themes", type="checkbox")) == 12
    assert len(page.all("input", name="kind", type="radio")) == 2
    key = page.one("input", name="submission_key")["value"]
    assert uuid.UUID(key)
    assert page.all("input", name="csrf_token")
    assert page.one("form", class_="composer")["action"] == "/rotterdam/ideas"


def test_a_script_gets_the_card_and_the_number(maras):
    response = maras.post_form("/rotterdam/ideas", TYPED, headers=JSON)
    idea, answer = the_idea(), response.get_json()
    assert response.status_code == 201
    assert answer["id"] == idea.id and answer["seq"] == 1
    assert answer["url"] == f"/rotterdam/ideas/{idea.id}-trams-wait-for-cars-on-the-blaak"
    assert cards_on_html(answer["html"]) == [idea.id]


def cards_on_html(html: str) -> list[int]:
    class Answer:
        @staticmethod
        def get_data(as_text: bool) -> str:
            return html

    return cards_on(Answer)


def test_the_same_form_again_changes_nothing_and_answers_the_same(maras):
    first = maras.post_form("/rotterdam/ideas", TYPED, headers=JSON).get_json()
    again = maras.post_form("/rotterdam/ideas", {**TYPED, "title": "Typed again"}, headers=JSON)
    assert again.status_code in (200, 201) and again.get_json() == first
    assert maras.post_form("/rotterdam/ideas", TYPED).headers["Location"] == first["url"]
    assert count(Idea) == 1


def test_the_key_of_another_person_makes_another_idea(maras, signed_in, make_user):
    maras.post_form("/rotterdam/ideas", TYPED)
    assert signed_in(make_user("Tom")).post_form("/rotterdam/ideas", TYPED).status_code == 303
    assert count(Idea) == 2


WRONG = [
    ({"kind": ""}, "kind", "Choose whether it is a challenge or an opportunity."),
    ({"kind": "complaint"}, "kind", ""),
    ({"title": ""}, "title", "Write a title of 8 to 120 characters."),
    ({"title": "too few"}, "title", "Write a title of 8 to 120 characters."),
    ({"title": "x" * 121}, "title", "Write a title of 8 to 120 characters."),
    ({"title": "        "}, "title", "Write a title of 8 to 120 characters."),
    ({"title": "\u202e\u200f\u2066\u0000" * 10}, "title", "Write a title of 8 to 120 characters."),
    ({"text": "x" * 5001}, "text", "Shorten the text to 5000 characters."),
    ({"themes": []}, "themes", "Choose one to three themes."),
    ({"themes": ["1", "2", "3", "4"]}, "themes", "Choose one to three themes."),
    ({"themes": ["999"]}, "themes", ""),
    ({"themes": ["x"]}, "themes", ""),
    ({"language": "tlh"}, "language", ""),
    ({"workshop": "1"}, "workshop", ""),
    ({"submission_key": "short"}, "submission_key", ""),
    ({"submission_key": "x" * 65}, "submission_key", ""),
    ({"submission_key": "'; DROP TABLE ideas; --"}, "submission_key", ""),
]


def test_what_cannot_be_taken_is_said_field_by_field(maras):
    for wrong, field, sentence in WRONG:
        response = maras.post_form("/rotterdam/ideas", {**TYPED, **wrong}, headers=JSON)
        answer = response.get_json()
        assert response.status_code == 422, wrong
        assert list(answer["errors"]) == [field], wrong
        assert answer["message"] and sentence in answer["errors"][field][0], answer
    assert count(Idea) == 0


def test_a_refused_form_keeps_everything_that_was_typed(maras):
    typed = {**TYPED, "title": "short", "text": 'My "text" & <more>', "language": "nl", "kind": "opportunity"}
    response = maras.post_form("/rotterdam/ideas", typed)
    page = page_of(response)
    assert response.status_code == 422
    assert "Write a title of 8 to 120 characters." in page.words
    assert page.one("input", name="title")["value"] == "short"
    assert 'My "text" & <more>' in page.words
    assert {b["value"] for b in page.all("input", name="themes") if "checked" in b} == {"1", "4"}
    assert [b["value"] for b in page.all("input", name="kind") if "checked" in b] == ["opportunity"]
    assert [o["value"] for o in page.all("option") if "selected" in o] == ["nl"]
    assert page.one("input", name="submission_key")["value"] == TYPED["submission_key"]
    assert count(Idea) == 0


def test_titles_and_texts_at_their_limits_are_taken(maras):
    for number, (title, text) in enumerate(
        [("x" * 8, ""), ("字" * 120, "字" * 5000), ("🚲" * 120, "\n" * 9)]
    ):
        key = f"limit-of-mara-{number}"
        typed = {**TYPED, "title": title, "text": text, "submission_key": key}
        assert maras.post_form("/rotterdam/ideas", typed).status_code == 303, title
    assert count(Idea) == 3


def test_what_was_typed_is_cleaned(maras):
    maras.post_form(
        "/rotterdam/ideas", {**TYPED, "title": "  A\u202e title\n\twith  e\u0301 ", "text": "a\x00b\r\nc"}
    )
    assert (the_idea().title, the_idea().text) == ("A title with \u00e9", "ab\nc")


def test_the_language_is_guessed_unless_it_is_chosen(maras, cities):
    words = {
        "de": "Die Straßenbahn kommt immer zu spät, weil die Autos im Weg stehen",
        "nl": "De tram komt altijd te laat omdat de auto's in de weg staan",
        "fr": "Le tramway est toujours en retard parce que les voitures le bloquent",
        "zh": "地铁站需要更多自行车停车位",
        "en": "The tram is always late because the cars stand in its way",
    }
    for language, title in words.items():
        maras.post_form(
            "/rotterdam/ideas", {**TYPED, "title": title, "submission_key": f"language-{language}"}
        )
    found = dict(db.session.execute(select(Idea.title, Idea.language)).all())
    assert found == {title: language for language, title in words.items()}
    maras.post_form(
        "/rotterdam/ideas", {**TYPED, "title": words["de"], "language": "fr", "submission_key": "chosen-one"}
    )
    assert db.session.scalars(select(Idea.language).order_by(Idea.id.desc())).first() == "fr"
    maras.post_form(
        "/berlin/ideas", {**TYPED, "title": "Xyzzyxyz", "text": "", "submission_key": "few-words"}
    )
    assert db.session.scalars(select(Idea.language).order_by(Idea.id.desc())).first() == "de"


def test_only_the_workshop_that_is_running_can_be_chosen(maras, city, clock):
    with unit_of_work():
        first, second = db.session.scalars(
            select(Workshop).where(Workshop.city_id == city.id).order_by(Workshop.number)
        )
        first.starts_at, first.ends_at = clock.now(), clock.now() + timedelta(hours=3)
        first_id, second_id = first.id, second.id
    chosen = page_of(maras.get("/rotterdam/ideas/new"))
    assert [o["value"] for o in chosen.all("option") if "selected" in o][-1] == str(first_id)
    assert maras.post_form("/rotterdam/ideas", {**TYPED, "workshop": str(second_id)}).status_code == 422
    assert maras.post_form("/rotterdam/ideas", {**TYPED, "workshop": str(first_id)}).status_code == 303
    assert the_idea().workshop_id == first_id
    clock.advance(3 * 3600)
    late = {**TYPED, "workshop": str(first_id), "submission_key": "after-the-workshop"}
    assert maras.post_form("/rotterdam/ideas", late).status_code == 422


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(client):
    assert client.get("/rotterdam/ideas/new").headers["Location"] == "/sign-in?next=/rotterdam/ideas/new"
    assert client.post_form("/rotterdam/ideas", TYPED).headers["Location"].startswith("/sign-in")
    told = client.post_form("/rotterdam/ideas", TYPED, headers=JSON)
    assert told.status_code == 401 and told.get_json()["sign_in"].startswith("/sign-in")
    assert message_of(told) == "Please sign in first."
    assert count(Idea) == 0


def test_there_is_no_posting_to_a_city_that_is_not_there(maras):
    assert maras.post_form("/atlantis/ideas", TYPED).status_code == 404
    assert maras.get("/atlantis/ideas/new").status_code == 404


@pytest.mark.settings(rate_limits=True)
def test_who_posts_too_fast_waits_and_loses_nothing(maras):
    for number in range(20):
        typed = {**TYPED, "submission_key": f"fast-posting-{number}"}
        assert maras.post_form("/rotterdam/ideas", typed).status_code == 303
    response = maras.post_form("/rotterdam/ideas", {**TYPED, "submission_key": "one-too-many"})
    page = page_of(response)
    assert response.status_code == 429 and int(response.headers["Retry-After"]) > 0
    assert page.one("input", name="title")["value"] == TYPED["title"]
    assert "That was a lot in a short time." in page.words
    told = maras.post_form("/rotterdam/ideas", {**TYPED, "submission_key": "one-too-many"}, headers=JSON)
    assert told.status_code == 429 and "Please try again in" in message_of(told)
    assert count(Idea) == 20


def test_a_preview_shows_the_text_as_it_will_look(maras):
    assert "<strong>bold</strong>" in maras.post_form("/preview", {"text": "**bold**"}).get_data(as_text=True)
    assert (
        maras.post_form("/preview", {"text": "<img src=x onerror=alert(1)>"})
        .get_data(as_text=True)
        .count("<img")
        == 0
    )
    assert maras.post_form("/preview", {}).status_code == 200
    assert maras.post_form("/preview", {"text": "x" * 5001}).status_code == 422


# its page --------------------------------------------------------------------------------------------


def test_other_words_in_the_address_lead_to_the_right_ones(client, city, mara):
    idea = post(city, mara)
    right = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"
    assert client.get(right).status_code == 200
    for wrong in (f"{idea.id}", f"{idea.id}-", f"{idea.id}-old-words", f"{idea.id}-bike-lane-on-coolsinge"):
        response = client.get(f"/rotterdam/ideas/{wrong}")
        if wrong.endswith("-"):
            assert response.status_code in (301, 404)
        else:
            assert (response.status_code, response.headers["Location"]) == (301, right), wrong
    assert client.get(f"/rotterdam/ideas/{idea.id}?reply=3").headers["Location"] == f"{right}?reply=3"


def test_a_chinese_title_has_chinese_words_in_its_address(client, city, mara):
    idea = post(city, mara, "更多自行车停车位在地铁站")
    response = client.get(f"/rotterdam/ideas/{idea.id}-更多自行车停车位在地铁站")
    assert response.status_code == 200
    assert client.get(client.get(f"/rotterdam/ideas/{idea.id}").headers["Location"]).status_code == 200


def test_what_is_not_there_and_what_may_not_be_seen_look_alike(client, signed_in, city, mara, make_user):
    hidden = post(city, mara, "Secret shortcut")
    put_in_state(hidden, "hidden")
    in_berlin = f"/berlin/ideas/{hidden.id}-secret-shortcut"
    addresses = [
        "/rotterdam/ideas/4242-secret-shortcut",
        f"/rotterdam/ideas/{hidden.id}-secret-shortcut",
        in_berlin,
    ]
    for who in (client, signed_in(make_user("Tom"))):
        answers = [who.get(address) for address in addresses]
        assert {one.status_code for one in answers} == {404}
        words = {page_of(one).words.split("Reference:")[0] for one in answers}
        assert len({text.replace(address, "") for text, address in zip(words, addresses, strict=False)}) == 1
        assert not any("Secret" in text for text in words)


def test_a_held_idea_is_its_authors_to_read(maras, client, city, mara):
    idea = post(city, mara, "Waits for a moderator")
    put_in_state(idea, "held")
    address = f"/rotterdam/ideas/{idea.id}-waits-for-a-moderator"
    assert maras.get(address).status_code == 200
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "x", "1.5", "%00"])
def test_numbers_that_no_idea_has(client, city, number):
    assert client.get(f"/rotterdam/ideas/{number}-words").status_code == 404


def test_the_page_shows_who_upvoted_by_group_and_never_by_name(client, city, mara, make_user, clock):
    idea = post(city, mara)
    for name, group in (("Tom", "company"), ("Nia", "student"), ("Wei", "student")):
        upvote(idea, by=make_user(name, group=group), at=clock.now())
    page = page_of(client.get(f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"))
    assert "Student 2" in page.words and "Company 1" in page.words and "Resident 0" in page.words
    assert "Tom" not in page.words and "Nia" not in page.words


def test_the_page_has_a_link_to_share_and_neighbours(client, city, mara, clock):
    first = post(city, mara, "The first of three ideas")
    middle = post(city, mara, "The middle of three ideas", at=clock.advance(60))
    last = post(city, mara, "The last of three ideas", at=clock.advance(60))
    page = page_of(client.get(f"/rotterdam/ideas/{middle.id}-the-middle-of-three-ideas"))
    assert page.one("input", id="share")["value"] == (
        f"http://localhost/rotterdam/ideas/{middle.id}-the-middle-of-three-ideas"
    )
    assert page.one("a", rel="prev")["href"] == f"/rotterdam/ideas/{last.id}-the-last-of-three-ideas"
    assert page.one("a", rel="next")["href"] == f"/rotterdam/ideas/{first.id}-the-first-of-three-ideas"
    at_the_end = page_of(client.get(f"/rotterdam/ideas/{last.id}-the-last-of-three-ideas"))
    assert not at_the_end.all("a", rel="prev")


def test_a_neighbour_that_is_not_public_is_passed_over(client, city, mara, clock):
    first = post(city, mara, "The first of three ideas")
    hidden = post(city, mara, "A secret in between", at=clock.advance(60))
    last = post(city, mara, "The last of three ideas", at=clock.advance(60))
    put_in_state(hidden, "hidden")
    page = page_of(client.get(f"/rotterdam/ideas/{last.id}-the-last-of-three-ideas"))
    assert page.one("a", rel="next")["href"] == f"/rotterdam/ideas/{first.id}-the-first-of-three-ideas"
    assert "secret" not in page.words


def test_the_time_is_told_in_the_citys_zone(client, cities, mara, clock):
    idea = post(cities["los-angeles"], mara)
    page = page_of(client.get(f"/los-angeles/ideas/{idea.id}-bike-lane-on-coolsingel"))
    assert page.all("time")[0]["title"] == "14 September 2026 05:00 PDT"
    assert page.all("time")[0]["datetime"] == "2026-09-14T12:00:00+00:00"


# editing ---------------------------------------------------------------------------------------------


def test_mara_corrects_her_idea_and_everyone_can_read_what_it_said(maras, client, city, mara, clock):
    idea = post(city, mara, themes=(1, 2))
    clock.advance(5 * MINUTES)
    form = page_of(maras.get(f"/ideas/{idea.id}/edit"))
    assert form.one("input", name="title")["value"] == "Bike lane on Coolsingel"
    assert {b["value"] for b in form.all("input", name="themes") if "checked" in b} == {"1", "2"}
    changed = {**TYPED, "title": "Bike street on Coolsingel", "themes": ["2", "3"]}
    response = maras.post_form(f"/ideas/{idea.id}/edit", changed)
    assert response.headers["Location"] == f"/rotterdam/ideas/{idea.id}-bike-street-on-coolsingel"
    page = page_of(client.get(response.headers["Location"]))
    assert "Bike street on Coolsingel" in page.words and "edited" in page.words
    assert "1 earlier version" in page.words and "Bike lane on Coolsingel" in page.words
    assert "Cars and trams leave no room" in page.words
    assert [theme.theme_id for theme in the_idea().themes] == [2, 3]
    assert count(IdeaTheme) == 2


def test_saving_without_a_change_is_no_edit(maras, city, mara):
    idea = post(city, mara, text="Same", language="en")
    same = {
        **TYPED,
        "kind": "opportunity",
        "title": idea.title,
        "text": "Same",
        "themes": ["1"],
        "language": "en",
    }
    assert maras.post_form(f"/ideas/{idea.id}/edit", same).status_code == 303
    assert count(IdeaRevision) == 0 and the_idea().edited_at is None and the_idea().version == 1


def test_an_edit_that_cannot_be_taken_keeps_what_was_typed(maras, city, mara):
    idea = post(city, mara)
    response = maras.post_form(f"/ideas/{idea.id}/edit", {**TYPED, "title": "short"})
    assert response.status_code == 422
    assert page_of(response).one("input", name="title")["value"] == "short"
    assert the_idea().title == "Bike lane on Coolsingel"


def test_after_fifteen_minutes_an_idea_stays_as_it_is(maras, city, mara, clock):
    idea = post(city, mara)
    clock.advance(15 * MINUTES - 1)
    assert maras.post_form(f"/ideas/{idea.id}/edit", TYPED).status_code == 303
    clock.advance(1)
    shown = maras.get(f"/ideas/{idea.id}/edit")
    assert shown.status_code == 422 and "That time is over." in page_of(shown).words
    late = maras.post_form(
        f"/ideas/{idea.id}/edit", {**TYPED, "title": "Far too late now", "text": "Kept words"}
    )
    assert late.status_code == 422 and "That time is over." in page_of(late).words
    assert page_of(late).one("input", name="title")["value"] == "Far too late now"
    assert maras.post_form(f"/ideas/{idea.id}/withdrawal").status_code == 422
    assert the_idea().title == TYPED["title"] and the_idea().state == "published"


@pytest.mark.settings(edit_minutes=1)
def test_the_time_for_edits_is_a_setting(maras, city, mara, clock):
    idea = post(city, mara)
    clock.advance(61)
    assert maras.post_form(f"/ideas/{idea.id}/edit", TYPED).status_code == 422


def test_an_idea_that_has_an_answer_stays_as_it_is(maras, city, mara):
    idea = post(city, mara)
    run_sql("UPDATE ideas SET status = 'in_discussion' WHERE id = :id", id=idea.id)
    assert maras.post_form(f"/ideas/{idea.id}/edit", TYPED).status_code == 422
    assert maras.post_form(f"/ideas/{idea.id}/withdrawal").status_code == 422


def test_nobody_changes_what_is_not_theirs(client, signed_in, city, mara, make_user):
    idea = post(city, mara)
    toms, organisers = signed_in(make_user("Tom")), signed_in(make_user("Olga", organiser=True))
    for who in (toms, organisers):
        for address in (f"/ideas/{idea.id}/edit", f"/ideas/{idea.id}/withdrawal"):
            assert who.get(address).status_code == 404
            assert who.post_form(address, TYPED).status_code == 404
    assert client.post_form(f"/ideas/{idea.id}/edit", TYPED).headers["Location"].startswith("/sign-in")
    assert the_idea().title == "Bike lane on Coolsingel" and the_idea().state == "published"


def test_who_may_edit_sees_the_way_there_and_nobody_else(
    maras, client, signed_in, city, mara, make_user, clock
):
    idea = post(city, mara)
    address, edit = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel", f"/ideas/{idea.id}/edit"
    assert page_of(maras.get(address)).all("a", href=edit)
    assert not page_of(client.get(address)).all("a", href=edit)
    assert not page_of(signed_in(make_user("Tom")).get(address)).all("a", href=edit)
    clock.advance(15 * MINUTES)
    assert not page_of(maras.get(address)).all("a", href=edit)


# taking it back --------------------------------------------------------------------------------------


def test_mara_withdraws_her_idea(maras, client, city, mara):
    idea = post(city, mara)
    question = page_of(maras.get(f"/ideas/{idea.id}/withdrawal"))
    assert "Bike lane on Coolsingel" in question.words and "Keep it" in question.words
    assert the_idea().state == "published"  # asking changes nothing
    assert maras.post_form(f"/ideas/{idea.id}/withdrawal").headers["Location"] == "/rotterdam"
    assert cards_on(client.get("/rotterdam")) == []
    address = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"
    assert client.get(address).status_code == 404 == maras.get(address).status_code
    for act in ("edit", "withdrawal"):
        assert maras.get(f"/ideas/{idea.id}/{act}").status_code == 404
    assert maras.post_form(f"/ideas/{idea.id}/withdrawal").status_code == 404


def test_comments_of_a_withdrawn_idea_go_with_it(maras, signed_in, client, city, mara, make_user):
    tom = make_user("Tom")
    idea = post(city, mara)
    comment = say(idea, tom)
    maras.post_form(f"/ideas/{idea.id}/withdrawal")
    toms = signed_in(tom)
    assert toms.get(f"/comments/{comment.id}/edit").status_code == 404
    assert toms.post_form(f"/ideas/{idea.id}/comments", {"text": "Too late"}).status_code == 404
    assert toms.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "on"}).status_code == 404


# people who have not confirmed -----------------------------------------------------------------------


@pytest.mark.settings(confirm_email=True)
def test_who_has_not_confirmed_posts_for_a_day_and_then_not(signed_in, make_user, clock):
    newcomer = make_user("Nia", confirmed=False)
    nias = signed_in(newcomer)
    clock.advance(24 * 3600 - 1)
    assert nias.post_form("/rotterdam/ideas", TYPED).status_code == 303
    clock.advance(1)
    late = nias.post_form("/rotterdam/ideas", {**TYPED, "submission_key": "a-day-later"})
    assert late.status_code == 403
    assert "Please confirm your e-mail address first" in page_of(late).words
    told = nias.post_form("/rotterdam/ideas", {**TYPED, "submission_key": "a-day-later"}, headers=JSON)
    assert told.status_code == 403 and "confirm your e-mail" in message_of(told)
    assert count(Idea) == 1


@pytest.mark.settings(confirm_email=True)
def test_who_has_not_confirmed_is_told_so_on_every_page(signed_in, make_user, clock):
    nias = signed_in(make_user("Nia", confirmed=False))
    assert "Please open the link we sent" in page_of(nias.get("/rotterdam")).words
    clock.advance(25 * 3600)
    assert "Until then you can read, but not post" in page_of(nias.get("/rotterdam")).words


def test_an_edit_is_kept_with_its_kind_and_themes(city, mara, client, clock):
    idea = post(city, mara, kind="challenge", themes=(1, 2))
    edit_idea(idea, draft(kind="opportunity", themes=(3,)), by=mara, at=clock.advance(60))
    page = page_of(client.get(f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"))
    assert "Challenge" in page.words and "Congestion" in page.words
    with unit_of_work():
        db.session.execute(update(Idea).values(state="hidden"))
    assert client.get(f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel").status_code == 404
