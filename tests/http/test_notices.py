"""The inbox: who is told what, what stays secret in it, and what is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.actions.erasing import erase
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment, withdraw_comment
from app.ideas.actions.posting import withdraw_idea
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.answering import answer_idea
from app.moderation.actions.deciding import approve, decline, hide, hold, keep, restore
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.objecting import object_to
from app.moderation.actions.reporting import report
from app.moderation.actions.undoing import undo
from app.moderation.actions.verifying import verify
from app.notices.models import Notice, NoticeChoice
from app.notices.queries.standing import unread_of
from tests.boards import post, put_in_state, run_sql, say, statements
from tests.pages import page_of

SECRET = "Canary song"


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def tom(make_user):
    return make_user("Tom")


@pytest.fixture
def ana(make_moderator, city):
    """Who moderates Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def idea(city, mara, clock):
    return post(city, mara)


@pytest.fixture
def words(signed_in):
    """What somebody reads in their inbox."""
    return lambda user: page_of(signed_in(user).get("/me/notices")).words


def notices_of(user) -> list[Notice]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice).where(Notice.user_id == user.id).order_by(Notice.id)))


def kinds(user) -> list[str]:
    return [notice.kind for notice in notices_of(user)]


def bell(client, address: str = "/") -> str | None:
    return page_of(client.get(address)).one("a", id="bell")["aria-label"]


# --- what others say --------------------------------------------------------------------------------------------


def test_a_comment_is_told_to_the_ideas_author_and_to_nobody_else(idea, mara, tom, words):
    say(idea, tom, "I would ride there.")
    assert "Tom commented on “Bike lane on Coolsingel”" in words(mara)
    assert "I would ride there." in words(mara)
    assert kinds(tom) == []


def test_a_reply_is_told_to_whom_it_answers_and_to_the_author_once(idea, mara, tom, make_user, words):
    lena = make_user("Lena")
    comment = say(idea, tom)
    say(idea, lena, "Me too.", under=comment)
    assert kinds(tom) == ["reply"] and kinds(mara) == ["comment", "comment"]
    assert "Lena replied to you on “Bike lane on Coolsingel”" in words(tom)
    own = say(idea, mara, "Thank you.")
    say(idea, tom, "With pleasure.", under=own)
    assert kinds(mara) == ["comment", "comment", "reply"]


def test_nobody_is_told_of_their_own_words(idea, mara):
    comment = say(idea, mara)
    say(idea, mara, "And more.", under=comment)
    assert kinds(mara) == []


def test_own_words_cost_no_query(idea, mara, tom):
    def cost(by) -> int:
        with statements() as sent:
            say(idea, by)
        return len([one for one in sent if "notice" in one])

    assert cost(mara) == 0
    assert cost(tom) <= 4


def test_who_cannot_sign_in_is_not_told(city, make_user, tom):
    imported = make_user("Old", confirmed=False)
    run_sql("UPDATE users SET origin = 'imported', password_hash = NULL WHERE id = :id", id=imported.id)
    say(post(city, imported), tom)
    assert kinds(imported) == []


def test_many_comments_between_two_looks_are_one_line(idea, mara, tom, signed_in, clock):
    for number in range(5):
        clock.advance(60)
        say(idea, tom, f"Comment {number}")
    browser = signed_in(mara)
    page = page_of(browser.get("/me/notices"))
    assert "5 new comments on “Bike lane on Coolsingel”" in page.words and "Comment 3" not in page.words
    assert bell(browser) == "Notices, 5 unread"
    [row] = page.all("li", class_="notice-unread")
    newest = row["id"].removeprefix("notice-")
    say(idea, tom, "One that comes while she reads.")
    opened = browser.get(f"/me/notices/{newest}")
    assert opened.status_code == 303
    first = min(notice.comment_id for notice in notices_of(mara))
    assert opened.headers["Location"] == f"/rotterdam/ideas/{idea.id}#comment-{first}"
    assert bell(browser) == "Notices, 1 unread"
    again = page_of(browser.get("/me/notices")).words
    assert "Tom commented on" in again and "5 new comments" in again, "two looks, two lines"


def test_a_notice_leads_to_the_page_it_speaks_of(idea, mara, tom, signed_in):
    say(idea, tom)
    browser = signed_in(mara)
    path = browser.get(f"/me/notices/{notices_of(mara)[0].id}").headers["Location"]
    page = browser.get(path, follow_redirects=True)
    assert page.status_code == 200 and "Bike lane on Coolsingel" in page_of(page).words


def test_a_held_comment_is_told_once_it_is_approved_and_only_once(city, idea, mara, tom, ana, clock, words):
    run_sql("UPDATE cities SET moderation = 'before' WHERE id = :id", id=city.id)
    comment = say(idea, tom, SECRET)
    assert comment.state == "held" and kinds(mara) == []
    approve(comment, by=ana, at=clock.now())
    assert kinds(mara) == ["comment"] and kinds(tom) == ["approve"]
    assert SECRET in words(mara) and "Your comment on “Bike lane on Coolsingel” is published" in words(tom)
    hide(comment, because=1, sentence="", by=ana, at=clock.now())
    restore(comment, by=ana, at=clock.now())
    assert kinds(mara) == ["comment"]


# --- nothing of what is held or hidden --------------------------------------------------------------------------


def test_what_is_hidden_before_it_was_read_is_gone_and_not_counted(idea, mara, tom, ana, clock, signed_in):
    comment = say(idea, tom, SECRET)
    browser = signed_in(mara)
    assert bell(browser) == "Notices, 1 unread"
    hide(comment, because=1, sentence="", by=ana, at=clock.now())
    page = browser.get("/me/notices")
    assert SECRET not in page.text and "Tom commented" not in page_of(page).words
    assert bell(browser) == "Notices"
    assert browser.get(f"/me/notices/{notices_of(mara)[0].id}").status_code == 404
    restore(comment, by=ana, at=clock.now())
    assert bell(browser) == "Notices, 1 unread"


def test_mark_all_read_leaves_what_could_not_be_seen(idea, mara, tom, ana, clock, signed_in):
    hidden, shown = say(idea, tom, SECRET), say(idea, tom, "Good.")
    hide(hidden, because=1, sentence="", by=ana, at=clock.now())
    browser = signed_in(mara)
    newest = notices_of(mara)[-1].id
    assert browser.post_form("/me/notices/read", {"newest": newest}).status_code == 303
    assert unread_of(mara) == 0
    restore(hidden, by=ana, at=clock.now())
    assert unread_of(mara) == 1 and shown.state == "published"


def test_withdrawn_and_edited_out_of_sight_is_gone_too(city, idea, mara, tom, clock):
    comment, other = say(idea, tom), say(idea, tom)
    withdraw_comment(comment, by=tom, at=clock.now())
    assert unread_of(mara) == 1
    run_sql("UPDATE cities SET moderation = 'before' WHERE id = :id", id=city.id)
    edit_comment(other, "Changed", stance=None, by=tom, at=clock.now())
    assert unread_of(mara) == 0


def test_a_comment_of_ones_own_in_a_hidden_idea_does_not_name_the_idea(
    city, mara, tom, ana, clock, signed_in
):
    idea = post(city, mara, f"{SECRET} on every roof")
    comment = say(idea, tom)
    hide(comment, because=1, sentence="Off topic.", by=ana, at=clock.now())
    hide(idea, because=1, sentence="", by=ana, at=clock.now())
    page = signed_in(tom).get("/me/notices")
    assert SECRET not in page.text and "Your comment was hidden" in page_of(page).words
    assert signed_in(tom).get(f"/me/notices/{notices_of(tom)[0].id}").headers["Location"] == "/me"


@pytest.mark.parametrize("state", ["held", "hidden", "merged", "withdrawn"])
def test_comments_on_an_idea_that_is_not_public_are_not_told(state, idea, mara, tom, make_user, signed_in):
    lena = make_user("Lena")
    comment = say(idea, tom, SECRET)
    say(idea, lena, SECRET, under=comment)
    put_in_state(idea, state)
    for person in (mara, tom):
        page = signed_in(person).get("/me/notices")
        assert SECRET not in page.text and unread_of(person) == 0


def test_a_members_board_is_silent_towards_who_is_no_member(city, idea, make_user, clock, tom):
    lena = make_user("Lena", confirmed=False)
    comment = say(idea, lena)
    say(idea, tom, SECRET, under=comment)
    assert unread_of(lena) == 1
    run_sql("UPDATE cities SET is_public = :no WHERE id = :id", no=False, id=city.id)
    assert unread_of(lena) == 1
    clock.advance(25 * 3600)
    db.session.rollback()
    assert unread_of(lena) == 0


def test_a_notice_is_nobody_elses(idea, mara, tom, signed_in, client):
    say(idea, tom)
    path = f"/me/notices/{notices_of(mara)[0].id}"
    assert signed_in(tom).get(path).status_code == 404
    assert client.get(path).status_code == 303 and client.get(path).location.startswith("/sign-in")
    assert signed_in(mara).get("/me/notices/99999999999").status_code == 404
    assert unread_of(mara) == 1


# --- what moderators do -----------------------------------------------------------------------------------------


def test_hidden_with_the_reason_the_sentence_and_how_to_object(idea, mara, ana, clock, signed_in):
    act = hide(idea, because=3, sentence="This <b>sells</b> bells.", by=ana, at=clock.now())
    page = signed_in(mara).get("/me/notices")
    words = page_of(page).words
    assert "Your idea “Bike lane on Coolsingel” was hidden" in words
    assert "Reason: Advertising or spam" in words and "<b>sells</b>" in words
    assert page_of(page).one("a", href=f"/acts/{act.id}/objection")
    assert "Ana" not in words, "moderators act by role, not by name"
    target = signed_in(mara).get(f"/me/notices/{notices_of(mara)[0].id}").headers["Location"]
    assert signed_in(mara).get(target, follow_redirects=True).status_code == 200
    object_to(act, text="I sell nothing.", by=mara, at=clock.now())
    assert "/objection" not in signed_in(mara).get("/me/notices").text


@pytest.mark.parametrize(
    ("act", "said"), [(hide, "was hidden"), (hold, "is held back until a moderator has decided")]
)
def test_each_decision_is_told(act, said, idea, mara, tom, ana, clock, words):
    comment = say(idea, tom)
    act(idea, because=1, sentence="", by=ana, at=clock.now())
    assert f"Your idea “Bike lane on Coolsingel” {said}" in words(mara)
    back = restore if act is hide else approve
    back(idea, by=ana, at=clock.now())
    act(comment, because=1, sentence="", by=ana, at=clock.now())
    assert f"Your comment on “Bike lane on Coolsingel” {said}" in words(tom)


def test_declined_says_so(city, mara, ana, clock, words):
    run_sql("UPDATE cities SET moderation = 'before' WHERE id = :id", id=city.id)
    decline(post(city, mara), because=2, sentence="Names a neighbour.", by=ana, at=clock.now())
    assert "Your idea “Bike lane on Coolsingel” was not published" in words(mara)
    assert "Names a neighbour." in words(mara)


def test_a_moderator_is_not_told_of_their_own_acts(city, ana, clock):
    own = post(city, ana)
    hide(own, because=1, sentence="", by=ana, at=clock.now())
    assert kinds(ana) == []


def test_an_answer_is_told_with_its_text_and_upvoters_hear_of_what_is_taken_up(
    idea, mara, tom, make_user, ana, clock, words
):
    lena = make_user("Lena")
    upvote(idea, by=tom, at=clock.now())
    answer_idea(idea, status="in_discussion", text="", by=ana, at=clock.now())
    assert "Your idea “Bike lane on Coolsingel” is now: in discussion" in words(mara)
    assert kinds(tom) == []
    answer_idea(idea, status="taken_up", text="It is built in May.", by=ana, at=clock.now())
    assert "There is an answer to your idea “Bike lane on Coolsingel” (taken up)" in words(mara)
    assert "It is built in May." in words(mara)
    assert "“Bike lane on Coolsingel”, which you upvoted, is taken up" in words(tom)
    assert kinds(mara) == ["answer", "answer"] and kinds(tom) == ["taken_up"] and kinds(lena) == []
    answer_idea(idea, status="taken_up", text="It is built in June.", by=ana, at=clock.now())
    assert kinds(tom) == ["taken_up"]


def test_both_authors_hear_of_a_merge(city, idea, mara, tom, ana, clock, words, signed_in):
    other = post(city, tom, "A lane for bicycles")
    merge_ideas(other, into=idea, by=ana, at=clock.now())
    assert "Your idea “A lane for bicycles” was merged into “Bike lane on Coolsingel”" in words(tom)
    assert "“A lane for bicycles” was merged into your idea “Bike lane on Coolsingel”" in words(mara)
    path = signed_in(tom).get(f"/me/notices/{notices_of(tom)[0].id}").headers["Location"]
    assert path == f"/rotterdam/ideas/{idea.id}"
    put_in_state(idea, "hidden")
    assert "Bike lane" not in words(tom) and "was merged into another one" in words(tom)


def test_comments_that_a_merge_moved_are_found_where_they_are(city, idea, mara, tom, ana, clock, signed_in):
    other = post(city, tom, "A lane for bicycles")
    comment = say(other, mara)
    merge_ideas(other, into=idea, by=ana, at=clock.now())
    first = next(notice for notice in notices_of(tom) if notice.kind == "comment")
    path = signed_in(tom).get(f"/me/notices/{first.id}").headers["Location"]
    assert path == f"/rotterdam/ideas/{idea.id}#comment-{comment.id}"


def test_a_verified_affiliation_is_told(city, make_user, ana, clock, words):
    piet = make_user("Piet", group="company")
    act = verify(piet, city, by=ana, at=clock.now())
    assert "Your affiliation is verified" in words(piet)
    undo(act, by=ana, at=clock.now())
    assert kinds(piet) == []


# --- taken back -------------------------------------------------------------------------------------------------


def test_an_undone_act_that_nobody_saw_was_never_told(idea, mara, ana, clock):
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    assert unread_of(mara) == 1
    undo(act, by=ana, at=clock.now())
    assert kinds(mara) == []


def test_who_was_told_is_told_that_it_was_undone(idea, mara, ana, clock, words, signed_in):
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    signed_in(mara).get(f"/me/notices/{notices_of(mara)[0].id}")
    undo(act, by=ana, at=clock.now() + timedelta(minutes=1))
    assert kinds(mara) == ["hide", "taken_back"]
    assert "Hiding “Bike lane on Coolsingel” was taken back" in words(mara)
    assert "/objection" not in signed_in(mara).get("/me/notices").text


def test_a_merge_taken_apart_much_later_is_told_too(city, idea, mara, tom, ana, clock, words, signed_in):
    other = post(city, tom, "A lane for bicycles")
    merge_ideas(other, into=idea, by=ana, at=clock.now())
    for person in (mara, tom):
        signed_in(person).get(f"/me/notices/{notices_of(person)[0].id}")
    clock.advance(86_400)
    unmerge(other, by=ana, at=clock.now())
    assert "Merging “A lane for bicycles” with another idea was taken back" in words(tom)
    assert "Merging “Bike lane on Coolsingel” with another idea was taken back" in words(mara)


def test_an_answer_taken_back_is_gone_for_upvoters(idea, mara, tom, ana, clock, signed_in, words):
    upvote(idea, by=tom, at=clock.now())
    act = answer_idea(idea, status="taken_up", text="Yes.", by=ana, at=clock.now())
    for person in (mara, tom):
        signed_in(person).get(f"/me/notices/{notices_of(person)[0].id}")
    undo(act, by=ana, at=clock.now())
    assert "The answer to “Bike lane on Coolsingel” was taken back" in words(mara)
    assert "taken up" not in words(tom)


# --- reports and objections -------------------------------------------------------------------------------------


def test_a_reporter_hears_what_came_of_it_and_nothing_of_what_is_hidden(
    city, mara, tom, ana, clock, signed_in
):
    bad, good = post(city, mara, f"{SECRET} of hate"), post(city, mara, "A harmless idea")
    for one in (bad, good):
        report(one, because=1, sentence="", by=tom, at=clock.now())
    act = hide(bad, because=1, sentence="", by=ana, at=clock.now())
    keep(good, by=ana, at=clock.now())
    page = signed_in(tom).get("/me/notices")
    words = page_of(page).words
    assert "What you reported was taken off the board" in words and SECRET not in page.text
    assert "what you reported on “A harmless idea” and found nothing against it" in words
    assert kinds(mara) == ["hide"], "authors do not hear of reports"
    undo(act, by=ana, at=clock.now())
    assert kinds(tom) == ["report"], "the report is open again"


def test_the_outcome_of_an_objection_is_told_once(idea, mara, ana, make_moderator, city, clock, words):
    bert = make_moderator(city, "Bert")
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    object_to(act, text="It is not.", by=mara, at=clock.now())
    clock.advance(60)
    restore(idea, by=bert, at=clock.now())
    assert kinds(mara) == ["hide", "objection"]
    assert "Your objection was right: the decision on “Bike lane on Coolsingel” was changed" in words(mara)


def test_an_objection_that_changes_nothing_is_answered_too(
    idea, mara, ana, make_moderator, city, clock, words
):
    bert = make_moderator(city, "Bert")
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    object_to(act, text="It is not.", by=mara, at=clock.now())
    keep(idea, by=bert, at=clock.now())
    assert "The decision on “Bike lane on Coolsingel” stays" in words(mara)


# --- the inbox itself -------------------------------------------------------------------------------------------


def test_an_empty_inbox_says_what_will_come(signed_in, mara):
    page = page_of(signed_in(mara).get("/me/notices"))
    assert "Nothing yet." in page.words and not page.all("input", name="newest")


def test_visitors_have_no_bell_and_pay_nothing(client, signed_in, mara):
    with statements() as sent:
        page = page_of(client.get("/"))
    assert not page.all("a", id="bell") and not any("notices" in one for one in sent)
    with statements() as sent:
        signed_in(mara).get("/")
    assert len([one for one in sent if "notices" in one]) == 1


def test_a_mark_all_read_from_an_old_page_leaves_what_came_since(idea, mara, tom, signed_in):
    say(idea, tom)
    newest = notices_of(mara)[-1].id
    say(idea, tom)
    browser = signed_in(mara)
    for nonsense in ({}, {"newest": "x"}, {"newest": 10**12}):
        assert browser.post_form("/me/notices/read", nonsense).status_code == 303
    assert unread_of(mara) == 2
    answer = browser.post_form("/me/notices/read", {"newest": newest}, headers={"Accept": "application/json"})
    assert answer.get_json() == {"unread": 1} and browser.get_json("/me/notices") == {"unread": 1}


def test_the_inbox_costs_the_same_for_two_and_for_forty(city, idea, mara, tom, ana, clock, signed_in):
    browser = signed_in(mara)

    def cost() -> int:
        with statements() as sent:
            assert browser.get("/me/notices").status_code == 200
        return len(sent)

    def happen(times: int) -> None:
        for number in range(times):
            own = post(city, mara, f"Idea number {number} of {times}")
            say(own, tom)
            hide(own, because=1, sentence="No.", by=ana, at=clock.now())

    happen(2)
    few = cost()
    happen(20)
    assert cost() == few <= 12


def test_older_notices_are_a_page_further(city, mara, tom, clock, signed_in):
    for number in range(101):
        say(post(city, mara, f"Idea number {number}"), tom)
    browser = signed_in(mara)
    page = page_of(browser.get("/me/notices"))
    assert "“Idea number 100”" in page.words and "“Idea number 0”" not in page.words
    [older] = [a["href"] for a in page.all("a") if "before=" in (a["href"] or "")]
    assert "“Idea number 0”" in page_of(browser.get(older)).words


def test_titles_keep_their_language(city, mara, tom, signed_in):
    say(post(city, mara, "Fietspad op de Coolsingel", language="nl"), tom)
    assert '<bdi lang="nl">Fietspad op de Coolsingel</bdi>' in signed_in(mara).get("/me/notices").text


def test_the_bell_rings_on_open_pages(idea, mara, tom, ana, clock, socket, settle):
    maras, toms = socket(mara), socket(tom)
    comment = say(idea, tom)
    settle()
    assert maras.heard("notices") == [{"unread": 1}] and toms.heard("notices") == []
    hide(comment, because=1, sentence="", by=ana, at=clock.now())
    settle()
    assert maras.heard("notices")[-1] == {"unread": 0}
    assert toms.heard("notices")[-1] == {"unread": 1}


def test_what_a_rollback_takes_back_was_never_told(idea, mara, tom):
    class Fault(Exception):
        pass

    with pytest.raises(Fault), unit_of_work():
        say(idea, tom)
        raise Fault
    assert kinds(mara) == []


def test_a_withdrawn_idea_is_not_spoken_of_again(idea, mara, ana, clock, words):
    answer_idea(idea, status="new", text="Soon.", by=ana, at=clock.now())
    withdraw_idea(idea, by=mara, at=clock.now())
    assert "Bike lane" not in words(mara) and unread_of(mara) == 0


# --- leaving, and one's own data --------------------------------------------------------------------------------


def test_who_leaves_takes_their_notices_along(idea, mara, tom, clock, signed_in):
    say(idea, tom)
    signed_in(mara).post_form("/me/notices/mail", {"mail": "each"})
    erase(mara, clock.now())
    assert kinds(mara) == []
    assert db.session.scalar(select(func.count()).select_from(NoticeChoice)) == 0
    say(idea, tom)
    assert kinds(mara) == []


def test_who_has_left_is_named_nowhere_in_others_inboxes(idea, mara, tom, clock, signed_in):
    say(idea, tom)
    erase(tom, clock.now())
    page = signed_in(mara).get("/me/notices")
    assert "Former participant commented on" in page_of(page).words and "Tom" not in page.text


def test_my_data_holds_my_notices(idea, mara, tom, signed_in):
    comment = say(idea, tom, SECRET)
    data = signed_in(mara).get("/me/data.json").get_json()
    [told] = data["notices"]
    assert (told["kind"], told["idea"], told["comment"]) == ("comment", idea.id, comment.id)
    assert told["read_at"] is None and data["notice_mail"] == "daily" and SECRET not in str(data)
