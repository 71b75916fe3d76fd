"""Commenting, replying, correcting and taking back."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select

from app.core.clock import now
from app.core.errors import NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import post_comment
from app.ideas.models import Comment, Idea
from tests.boards import post, put_in_state, run_sql, say
from tests.pages import message_of, page_of

JSON = {"Accept": "application/json"}


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def tom(make_user):
    return make_user("Tom", group="company", affiliation="RET")


@pytest.fixture
def idea(city, mara, clock):
    """Mara's idea, posted at noon."""
    return post(city, mara)


@pytest.fixture
def toms(signed_in, tom):
    """Tom's browser."""
    return signed_in(tom)


def comments() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def shown(client, idea: Idea) -> str:
    """What can be read on the idea's page."""
    return page_of(client.get(f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel")).words


def test_tom_comments_with_a_concern(toms, client, idea, tom):
    response = toms.post_form(f"/ideas/{idea.id}/comments", {"text": "And the *trams*?", "stance": "concern"})
    [comment] = comments()
    assert response.status_code == 303
    assert response.headers["Location"] == (
        f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel#comment-{comment.id}"
    )
    assert (comment.author_id, comment.stance, comment.parent_id) == (tom.id, "concern", None)
    words = shown(client, idea)
    assert "And the trams?" in words and "Concern" in words and "Tom" in words and "RET" in words
    assert db.session.get_one(Idea, idea.id).comment_count == 1


def test_a_script_gets_the_comment(toms, idea):
    response = toms.post_form(f"/ideas/{idea.id}/comments", {"text": "And trams?"}, headers=JSON)
    answer = response.get_json()
    [comment] = comments()
    assert response.status_code == 201
    assert (answer["id"], answer["parent"], answer["seq"]) == (comment.id, None, 2)
    assert f'id="comment-{comment.id}"' in answer["html"] and "And trams?" in answer["html"]
    assert answer["url"].endswith(f"#comment-{comment.id}")


def test_a_reply_joins_its_thread_and_has_no_stance(toms, idea, mara):
    first = say(idea, mara, "Who agrees?")
    reply = {"text": "I do.", "parent": str(first.id), "stance": "support"}
    answer = toms.post_form(f"/ideas/{idea.id}/comments", reply, headers=JSON).get_json()
    assert answer["parent"] == first.id
    to_the_reply = {"text": "Me too.", "parent": str(answer["id"])}
    again = toms.post_form(f"/ideas/{idea.id}/comments", to_the_reply, headers=JSON).get_json()
    assert again["parent"] == first.id, "there is one level of replies"
    assert [comment.stance for comment in comments()] == [None, None, None]


def test_the_reply_form_works_without_a_script(toms, idea, mara):
    first = say(idea, mara)
    page = page_of(toms.get(f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel?reply={first.id}"))
    assert [field["value"] for field in page.all("input", name="parent") if field["value"]] == [str(first.id)]


def test_a_reply_under_a_comment_of_another_idea_is_refused(toms, city, idea, mara):
    elsewhere = say(post(city, mara, "Another idea here"), mara)
    for parent in (elsewhere.id, 4242, 2**31, 10**20, -1):
        reply = {"text": "Lost", "parent": str(parent)}
        assert toms.post_form(f"/ideas/{idea.id}/comments", reply).status_code == 404, parent
    assert len(comments()) == 1


WRONG = [
    ({"text": ""}, "text", "Write a comment of 1 to 2000 characters."),
    ({"text": "   \n\u200f "}, "text", "Write a comment of 1 to 2000 characters."),
    ({"text": "x" * 2001}, "text", "Write a comment of 1 to 2000 characters."),
    ({"text": "fine", "stance": "against"}, "stance", ""),
    ({"text": "fine", "parent": "first"}, "parent", ""),
    ({"text": "fine", "submission_key": "!"}, "submission_key", ""),
]


def test_what_cannot_be_taken_is_said_field_by_field(toms, idea):
    for wrong, field, sentence in WRONG:
        response = toms.post_form(f"/ideas/{idea.id}/comments", wrong, headers=JSON)
        assert response.status_code == 422, wrong
        assert list(response.get_json()["errors"]) == [field]
        assert sentence in response.get_json()["errors"][field][0]
    assert comments() == []


def test_a_refused_comment_keeps_what_was_typed(toms, idea, mara):
    long = "A long & <winding> comment. " * 80
    response = toms.post_form(f"/ideas/{idea.id}/comments", {"text": long, "stance": "support"})
    page = page_of(response)
    assert response.status_code == 422 and "A long & <winding> comment." in page.words
    assert "Write a comment of 1 to 2000 characters." in page.words
    assert [b["value"] for b in page.all("input", name="stance") if "checked" in b] == ["support"]
    first = say(idea, mara)
    reply = toms.post_form(f"/ideas/{idea.id}/comments", {"text": long, "parent": str(first.id)})
    assert reply.status_code == 422
    parents = [field["value"] for field in page_of(reply).all("input", name="parent")]
    assert str(first.id) in parents


def test_the_same_form_again_is_one_comment(toms, idea):
    form = {"text": "Only once, please.", "submission_key": "toms-comment-1"}
    first = toms.post_form(f"/ideas/{idea.id}/comments", form, headers=JSON).get_json()
    again = toms.post_form(f"/ideas/{idea.id}/comments", form, headers=JSON).get_json()
    assert (again["id"], again["html"], again["url"]) == (first["id"], first["html"], first["url"])
    assert len(comments()) == 1 == db.session.get_one(Idea, idea.id).comment_count


def test_there_is_no_comment_under_what_is_not_public(toms, signed_in, idea, mara):
    put_in_state(idea, "held")
    assert toms.post_form(f"/ideas/{idea.id}/comments", {"text": "Hello?"}).status_code == 404
    assert signed_in(mara).post_form(f"/ideas/{idea.id}/comments", {"text": "Hello?"}).status_code == 404
    assert toms.post_form("/ideas/4242/comments", {"text": "Hello?"}).status_code == 404
    assert comments() == []


def test_who_is_not_signed_in_reads_and_is_invited(client, idea):
    assert "Sign in to comment" in shown(client, idea)
    response = client.post_form(f"/ideas/{idea.id}/comments", {"text": "Hello?"})
    assert response.headers["Location"].startswith("/sign-in")
    assert client.post_form(f"/ideas/{idea.id}/comments", {"text": "Hi"}, headers=JSON).status_code == 401


def test_tom_corrects_his_comment_and_its_history_can_be_read(toms, client, idea, tom, clock):
    comment = say(idea, tom, "What about the trams?", stance="support")
    clock.advance(14 * 60)
    form = page_of(toms.get(f"/comments/{comment.id}/edit"))
    assert "What about the trams?" in form.words
    changed = {"text": "What about the buses?", "stance": "concern"}
    assert toms.post_form(f"/comments/{comment.id}/edit", changed).status_code == 303
    words = shown(client, idea)
    assert "What about the buses?" in words and "edited" in words
    assert "1 earlier version" in words and "What about the trams?" in words
    assert comments()[0].stance == "concern"
    assert toms.post_form(f"/comments/{comment.id}/edit", {"text": ""}).status_code == 422


def test_after_fifteen_minutes_a_comment_stays_as_it_is(toms, idea, tom, clock):
    comment = say(idea, tom)
    clock.advance(15 * 60)
    response = toms.get(f"/comments/{comment.id}/edit")
    assert response.status_code == 422 and "That time is over." in page_of(response).words
    late = toms.post_form(f"/comments/{comment.id}/edit", {"text": "Too late, but kept"})
    assert late.status_code == 422 and "Too late, but kept" in page_of(late).words
    assert toms.post_form(f"/comments/{comment.id}/withdrawal").status_code == 422
    assert comments()[0].state == "published"


def test_nobody_changes_what_is_not_theirs(client, signed_in, idea, mara, tom, make_user):
    comment = say(idea, tom)
    for who in (signed_in(mara), signed_in(make_user("Olga", organiser=True))):
        for address in (f"/comments/{comment.id}/edit", f"/comments/{comment.id}/withdrawal"):
            assert who.get(address).status_code == 404
            assert who.post_form(address, {"text": "Mine now"}).status_code == 404
    assert client.get(f"/comments/{comment.id}/edit").headers["Location"].startswith("/sign-in")
    assert client.get("/comments/4242/edit").headers["Location"].startswith("/sign-in")
    assert comments()[0].text == "I would ride there every day."


def test_a_withdrawn_comment_without_replies_is_gone(toms, client, idea, tom):
    comment = say(idea, tom, "Never mind")
    assert "Never mind" in page_of(toms.get(f"/comments/{comment.id}/withdrawal")).words
    response = toms.post_form(f"/comments/{comment.id}/withdrawal")
    assert response.headers["Location"].endswith(f"/ideas/{idea.id}-bike-lane-on-coolsingel")
    assert "Never mind" not in shown(client, idea) and "withdrawn" not in shown(client, idea)
    assert db.session.get_one(Idea, idea.id).comment_count == 0
    for address in ("edit", "withdrawal"):
        assert toms.get(f"/comments/{comment.id}/{address}").status_code == 404


def test_a_withdrawn_comment_with_replies_leaves_a_mark(toms, client, signed_in, idea, mara, tom):
    comment = say(idea, tom, "Never mind", stance="concern")
    say(idea, mara, "I do mind.", under=comment)
    toms.post_form(f"/comments/{comment.id}/withdrawal")
    words = shown(client, idea)
    assert "This comment was withdrawn." in words and "I do mind." in words and "Never mind" not in words
    assert "Tom" not in words, "the mark names nobody"
    reply = {"text": "Still here?", "parent": str(comment.id)}
    assert signed_in(mara).post_form(f"/ideas/{idea.id}/comments", reply).status_code == 404


def test_hidden_comments_are_not_shown(client, idea, mara, tom):
    comment = say(idea, tom, "Rude words")
    reply = say(idea, mara, "Rude answer", under=comment)
    run_sql("UPDATE comments SET state = 'hidden' WHERE id = :id", id=reply.id)
    assert "Rude answer" not in shown(client, idea)
    run_sql("UPDATE comments SET state = 'held' WHERE id = :id", id=comment.id)
    assert "Rude" not in shown(client, idea)


def test_threads_are_in_the_order_they_were_said(client, idea, mara, tom, clock):
    first = say(idea, tom, "First of all", at=clock.advance(1))
    say(idea, tom, "Second to that", at=clock.advance(1))
    say(idea, mara, "Answer to the first", under=first, at=clock.advance(1))
    words = shown(client, idea)
    assert words.index("First of all") < words.index("Answer to the first") < words.index("Second to that")


@pytest.mark.settings(confirm_email=True)
def test_who_has_not_confirmed_comments_for_a_day(signed_in, make_user, city, mara, clock):
    idea = post(city, mara)
    nias = signed_in(make_user("Nia", confirmed=False))
    assert nias.post_form(f"/ideas/{idea.id}/comments", {"text": "Hello"}).status_code == 303
    clock.advance(24 * 3600)
    late = nias.post_form(f"/ideas/{idea.id}/comments", {"text": "Hello again"}, headers=JSON)
    assert late.status_code == 403 and "confirm your e-mail" in message_of(late)
    assert len(comments()) == 1


@pytest.mark.settings(rate_limits=True)
def test_who_comments_too_fast_waits_and_loses_nothing(toms, idea):
    for _ in range(60):
        assert toms.post_form(f"/ideas/{idea.id}/comments", {"text": "Again"}).status_code == 303
    response = toms.post_form(f"/ideas/{idea.id}/comments", {"text": "One too many"})
    assert response.status_code == 429 and "One too many" in page_of(response).words
    assert "That was a lot in a short time." in page_of(response).words
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 60


def test_a_comment_on_an_idea_that_is_removed_meanwhile_is_refused_and_not_a_fault(idea, tom):
    with unit_of_work():
        db.session.execute(
            delete(Idea).where(Idea.id == idea.id), execution_options={"synchronize_session": False}
        )
    with pytest.raises(NotThere):
        post_comment(idea, "Too late.", stance=None, language="en", by=tom, at=now())
