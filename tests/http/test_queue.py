"""The moderators' queue: what waits, in which order, for whom; acts on one and on many; what a script is told."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from app.core import clock as core_clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Comment, Idea
from app.moderation.actions.deciding import hide, hold
from app.moderation.actions.objecting import object_to
from app.moderation.actions.reporting import report
from app.moderation.models import NEEDS, QueueItem
from app.moderation.queries.filters import queue_filter
from app.moderation.queries.queue import _page_of
from tests.boards import database_kind, post, say, statements
from tests.pages import message_of, page_of

JSON = {"Accept": "application/json"}
QUEUE = "/rotterdam/moderate"
SPAM = 3


@pytest.fixture
def ana(make_moderator, city):
    """Who moderates Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def anas(signed_in, ana):
    """Ana's browser."""
    return signed_in(ana)


@pytest.fixture
def mara(make_user):
    """Who posts."""
    return make_user("Mara")


@pytest.fixture
def idea(city, mara):
    """Mara's idea, which is new."""
    return post(city, mara)


def item_of(on: Idea | Comment) -> QueueItem:
    """Its row in the queue as the database has it."""
    db.session.rollback()
    kind = "comment" if isinstance(on, Comment) else "idea"
    return db.session.scalars(select(QueueItem).where(QueueItem.key == f"{kind}:{on.id}")).one()


def state_of(on: Idea | Comment) -> str:
    db.session.rollback()
    return db.session.get_one(type(on), on.id).state


def titles(response) -> list[str]:
    """What the rows are called, in their order."""
    return re.findall(r"data-open>([^<]*)</a>", response.get_data(as_text=True))


def act(client, on: Idea | Comment, name: str, **fields):
    """An act as the script sends it."""
    path = f"/comments/{on.id}" if isinstance(on, Comment) else f"/ideas/{on.id}"
    return client.post_form(f"{path}/acts", {"act": name, **fields}, headers=JSON)


# who sees what -------------------------------------------------------------------------------------


def test_the_queue_is_there_for_moderators_of_the_city_and_organisers_alone(
    anas, client, signed_in, make_user, make_moderator, cities, idea
):
    assert anas.get(QUEUE).status_code == 200
    assert signed_in(make_user("Ole", organiser=True)).get(QUEUE).status_code == 200
    other = signed_in(make_moderator(cities["berlin"], "Bo"))
    for address in (QUEUE, f"{QUEUE}/items?since=0", f"/ideas/{idea.id}/moderate"):
        assert other.get(address).status_code == 404
        assert signed_in(make_user("Tom")).get(address).status_code == 404
        assert client.get(address).status_code == 303
    assert act(other, idea, "hide", reason=SPAM).status_code == 404
    assert state_of(idea) == "published"


def test_a_new_idea_and_a_comment_wait_with_their_texts_and_authors(anas, idea, make_user):
    say(idea, make_user("Tom", group="company", verified=True), "Only with trees beside it.")
    page = page_of(anas.get(QUEUE))
    assert "Cars and trams leave no room for bicycles here." in page.words
    assert "Only with trees beside it." in page.words
    assert "Company, RET verified" in page.words
    assert page.all("a", href=f"/rotterdam/people/{idea.author_id}")
    assert "Queue" in page.words and len(page.all("li", class_="item-new")) == 2


def test_the_title_of_the_page_says_how_much_waits(anas, idea, ana):
    assert "<title>(1) Queue · Rotterdam" in anas.get(QUEUE).get_data(as_text=True)
    act(anas, idea, "keep")
    assert "<title>Queue · Rotterdam" in anas.get(QUEUE).get_data(as_text=True)


def test_the_most_urgent_comes_first_then_the_longest_waiting(anas, city, mara, make_user, clock):
    waiting = []
    for title in (
        "The first new idea",
        "An idea that is held",
        "An idea that is reported",
        "The last new idea",
    ):
        waiting.append(post(city, mara, title))
        clock.advance(60)
    _first, held, reported, _last = waiting
    hold(held, because=SPAM, sentence="", by=None, at=clock.now())
    report(reported, because=SPAM, sentence="It is an advertisement.", by=make_user("Tom"), at=clock.now())
    page = anas.get(QUEUE)
    assert titles(page) == [
        "An idea that is held", "An idea that is reported", "The first new idea", "The last new idea",
    ]  # fmt: skip
    words = page_of(page).words
    assert "1 report: Advertising or spam It is an advertisement." in words
    assert titles(anas.get(f"{QUEUE}?needs=held")) == ["An idea that is held"]
    assert titles(anas.get(f"{QUEUE}?needs=new")) == ["The first new idea", "The last new idea"]


def test_search_finds_what_is_hidden_too_and_no_sign_is_special(anas, ana, city, mara, idea, clock):
    post(city, mara, "100% bicycles on Sundays")
    hide(idea, because=SPAM, sentence="", by=ana, at=clock.now())
    assert titles(anas.get(f"{QUEUE}?q=100%25")) == ["100% bicycles on Sundays"]
    assert titles(anas.get(f"{QUEUE}?q=%25")) == ["100% bicycles on Sundays"]
    assert titles(anas.get(f"{QUEUE}?q=coolsingel")) == []
    assert titles(anas.get(f"{QUEUE}?needs=settled&q=coolsingel+mara")) == [idea.title]


def test_what_was_decided_is_found_newest_first_and_can_be_restored_for_ever(anas, ana, city, mara, clock):
    ideas = [post(city, mara, f"Idea number {number}") for number in range(3)]
    for one in ideas:
        clock.advance(60)
        hide(one, because=SPAM, sentence="", by=ana, at=clock.now())
    clock.advance(50 * 24 * 3600)
    page = anas.get(f"{QUEUE}?needs=settled")
    assert titles(page) == ["Idea number 2", "Idea number 1", "Idea number 0"]
    assert not [one for one in page_of(page).all("button") if "/undo" in (one.get("formaction") or "")]
    assert act(anas, ideas[0], "restore").status_code == 200
    assert state_of(ideas[0]) == "published"


def test_an_objection_is_not_for_whoever_acted_while_somebody_else_moderates(
    anas, ana, signed_in, make_moderator, city, mara, idea, clock
):
    done = hide(idea, because=SPAM, sentence="", by=ana, at=clock.now())
    object_to(done, text="It is about the tram, read again.", by=mara, at=clock.now())
    assert titles(anas.get(QUEUE)) == [idea.title]
    assert "It is about the tram, read again." in page_of(anas.get(QUEUE)).words
    bos = signed_in(make_moderator(city, "Bo"))
    assert titles(anas.get(QUEUE)) == [] and "(1)" not in anas.get(QUEUE).get_data(as_text=True)
    assert anas.get_json(f"{QUEUE}/items?since=0")["rows"][-1] == {
        "id": item_of(idea).id, "html": None, "settled": None,
    }  # fmt: skip
    assert titles(bos.get(QUEUE)) == [idea.title]
    assert act(bos, idea, "restore").status_code == 200


def test_an_affiliation_waits_to_be_verified(anas, city, make_user):
    tom = make_user("Tom", group="company")
    post(city, tom)
    page = page_of(anas.get(f"{QUEUE}?needs=verify"))
    assert "Says to be from RET (Company)." in page.words
    button = page.one("button", data_act="verify")
    assert (button["formaction"] or "").startswith(f"/rotterdam/people/{tom.id}/acts")


# acts ----------------------------------------------------------------------------------------------


def test_hiding_answers_with_the_row_and_the_way_back(anas, idea, clock):
    told = act(anas, idea, "hide", reason=SPAM, sentence="Bought links.", seen=0)
    assert told.status_code == 200
    answer = told.get_json()
    assert answer["message"] == "Hidden." and answer["item"] == item_of(idea).id
    assert answer["undo_until"] == "2026-09-14T12:10:00+00:00"
    assert "hidden by you" in answer["row"] and "Bought links." in answer["row"]
    assert "data-settled" in answer["row"] and "Restore" in answer["row"]
    assert state_of(idea) == "hidden"
    undone = anas.post_form(f"/acts/{answer['act']}/undo", headers=JSON).get_json()
    assert undone["message"] == "Undone." and undone["undo_until"] is None
    assert state_of(idea) == "published" and item_of(idea).needs == "new"


def test_the_second_moderator_hears_who_was_faster(anas, signed_in, make_moderator, city, idea):
    bos = signed_in(make_moderator(city, "Bo"))
    act(anas, idea, "hide", reason=SPAM, seen=0)
    told = act(bos, idea, "hide", reason=SPAM, seen=0)
    assert told.status_code == 409
    assert message_of(told) == "Already hidden by Ana, just now."
    assert "hidden by Ana" in told.get_json()["row"]
    plain = bos.post_form(
        f"/ideas/{idea.id}/acts?seen=0", {"act": "hide", "reason": SPAM, "sentence": "Mine."}
    )
    assert plain.status_code == 409 and "Already hidden by Ana, just now." in page_of(plain).words


def test_hiding_wants_a_reason_and_keeps_what_was_typed(anas, idea):
    told = act(anas, idea, "hide", sentence="Because")
    assert told.status_code == 422 and "reason" in told.get_json()["errors"]
    page = anas.post_form(f"/ideas/{idea.id}/acts", {"act": "hide", "sentence": "Because of the links"})
    assert page.status_code == 422
    assert page_of(page).one("input", name="sentence")["value"] == "Because of the links"
    assert act(anas, idea, "hide", reason=4242).status_code == 422
    assert act(anas, idea, "hide", reason=SPAM, sentence="x" * 501).status_code == 422
    assert state_of(idea) == "published"


@pytest.mark.parametrize("name", ["", "merge", "drop table", "settings"])
def test_an_act_nobody_knows_is_refused_with_a_sentence(anas, idea, name):
    told = act(anas, idea, name)
    assert told.status_code == 422 and message_of(told) == "Choose what is to be done."


def test_comments_meet_the_same_acts_but_are_not_pinned(anas, idea, mara):
    comment = say(idea, mara)
    assert message_of(act(anas, comment, "hide", reason=SPAM)) == "Hidden."
    assert message_of(act(anas, comment, "restore")) == "Restored."
    assert act(anas, comment, "pin").status_code == 422
    assert state_of(comment) == "published"


def test_every_mark_says_what_it_did(anas, idea):
    said = [message_of(act(anas, idea, name)) for name in ("pin", "unpin", "lock", "unlock", "keep")]
    assert said == [
        "Pinned.", "Unpinned.", "Comments are locked.", "Comments are open again.", "Kept as it is.",
    ]  # fmt: skip


def test_a_held_idea_is_approved_or_declined(anas, city, mara, clock):
    first, second = post(city, mara, "One of two ideas"), post(city, mara, "The other of two ideas")
    for one in (first, second):
        hold(one, because=SPAM, sentence="", by=None, at=clock.now())
    page = page_of(anas.get(f"/ideas/{first.id}/moderate"))
    assert {button["value"] for button in page.all("button", name="act")} == {"approve", "decline"}
    assert message_of(act(anas, first, "approve")) == "Approved."
    assert message_of(act(anas, second, "decline", reason=SPAM)) == "Declined."
    assert (state_of(first), state_of(second)) == ("published", "hidden")


def test_the_queue_works_as_plain_forms(anas, idea):
    page = page_of(anas.get(QUEUE))
    hide_button = page.one("button", data_act="hide")
    asked = anas.post_form(str(hide_button["formaction"]), {"act": "hide", "next": QUEUE})
    form = page_of(asked)
    assert asked.status_code == 422 and form.one("select", name="reason")
    action = next(str(one["action"]) for one in form.all("form", class_="why"))
    done = anas.post_form(action, {"act": "hide", "reason": SPAM, "next": QUEUE})
    assert done.status_code == 303 and done.headers["Location"] == QUEUE
    after = page_of(anas.get(QUEUE))
    assert "Hidden." in after.words and "Nothing waits." in after.words
    undo = next(one for one in after.all("button") if "/undo" in (one.get("formaction") or ""))
    assert anas.post_form(str(undo["formaction"]), {"next": QUEUE}).headers["Location"] == QUEUE
    assert state_of(idea) == "published"


def test_an_act_is_undone_for_ten_minutes_only(anas, idea, clock):
    answer = act(anas, idea, "hide", reason=SPAM).get_json()
    clock.advance(600)
    late = anas.post_form(f"/acts/{answer['act']}/undo", headers=JSON)
    assert late.status_code == 409 and state_of(idea) == "hidden"
    assert anas.post_form("/acts/4242/undo", headers=JSON).status_code == 404


def test_the_panel_is_a_page_and_a_fragment(anas, idea):
    assert page_of(anas.get(f"/ideas/{idea.id}/moderate")).all("h1")
    html = anas.get_json(f"/ideas/{idea.id}/moderate")["html"]
    assert "<h1" not in html and "Pin" in html


# many at once --------------------------------------------------------------------------------------


def test_many_are_decided_at_once_and_each_by_itself(anas, signed_in, make_moderator, city, mara):
    ideas = [post(city, mara, f"Idea number {number}") for number in range(4)]
    items = [f"{item_of(one).id}:0" for one in ideas]
    act(signed_in(make_moderator(city, "Bo")), ideas[3], "keep")
    told = anas.post_form(
        f"{QUEUE}/acts", {"items": [*items, "4242", "x"], "act": "hide", "reason": SPAM}, headers=JSON
    )
    answer = told.get_json()
    assert told.status_code == 200 and answer["done"] == 3 and len(answer["rows"]) == 4
    assert [one["message"] for one in answer["refused"]] == [
        "Already looked at and kept by Bo, just now.", "",
    ]  # fmt: skip
    assert [state_of(one) for one in ideas] == ["hidden"] * 3 + ["published"]


def test_nothing_ticked_changes_nothing(anas, idea):
    told = anas.post_form(f"{QUEUE}/acts", {"act": "hide", "reason": SPAM}, headers=JSON)
    assert told.status_code == 422 and message_of(told) == "Nothing was ticked."


def test_items_of_another_city_are_not_touched(anas, cities, mara):
    elsewhere = post(cities["berlin"], mara)
    told = anas.post_form(
        f"{QUEUE}/acts", {"items": [item_of(elsewhere).id], "act": "hide", "reason": SPAM}, headers=JSON
    )
    assert told.status_code == 422 and state_of(elsewhere) == "published"


# what a script is told -----------------------------------------------------------------------------


def test_a_script_hears_what_has_changed_since_a_number(anas, idea, city, mara):
    first = anas.get_json(f"{QUEUE}/items?since=0")
    assert first["waiting"]["all"] == 1 == first["waiting"]["new"] and not first["more"]
    assert [row["id"] for row in first["rows"]] == [item_of(idea).id]
    assert anas.get_json(f"{QUEUE}/items?since={first['stamp']}")["rows"] == []
    act(anas, idea, "keep")
    later = anas.get_json(f"{QUEUE}/items?since={first['stamp']}")
    [row] = later["rows"]
    assert row["html"] is None and "looked at and kept by you" in row["settled"]
    assert later["waiting"]["all"] == 0
    [row] = anas.get_json(f"{QUEUE}/items?since={first['stamp']}&needs=settled")["rows"]
    assert "looked at and kept by you" in row["html"]
    assert anas.get_json(f"{QUEUE}/items?ids={row['id']},4242,x")["rows"][0]["id"] == row["id"]


@pytest.mark.parametrize("since", ["", "x", "-5", "99999999999999999999", "9" * 5000])
def test_numbers_that_are_none_do_no_harm(anas, idea, since):
    assert anas.get(f"{QUEUE}/items?since={since}", headers=JSON).status_code == 200
    assert anas.get(f"{QUEUE}?after={since}~x~{since}").status_code == 200
    assert anas.get(f"{QUEUE}/items?ids={since}", headers=JSON).status_code == 200
    assert act(anas, idea, "hide", reason=since).status_code == 422
    many = {"items": [f"1:{since}", since], "act": "hide", "reason": since}
    assert anas.post_form(f"{QUEUE}/acts", many, headers=JSON).status_code == 422


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_outside_all_calendars_begins_the_queue_anew(anas, idea, moment):
    assert titles(anas.get(f"{QUEUE}?after=0~{moment}~1")) == [idea.title]


# much of it ----------------------------------------------------------------------------------------


def fill(city, mara, count: int, needs: str = "new") -> None:
    """So many items waiting, written straight into the database."""
    idea = post(city, mara, "What all of them are about")
    with unit_of_work():
        db.session.execute(
            QueueItem.__table__.insert(),
            [
                {
                    "key": f"x:{needs}:{number}",
                    "city_id": city.id,
                    "subject": "idea",
                    "idea_id": idea.id,
                    "needs": needs,
                    "urgency": NEEDS.index(needs),
                    "since": core_clock.now(),
                    "reports": 0,
                    "decisions": 0,
                    "stamp": 1,
                }
                for number in range(count)
            ],
        )


def test_every_row_is_on_one_page_exactly_once(anas, city, mara):
    fill(city, mara, 60)
    fill(city, mara, 70, "reported")
    seen: list[str] = []
    address: str | None = QUEUE
    while address:
        html = anas.get(address).get_data(as_text=True)
        seen += re.findall(r'<li id="item-(\d+)"', html)
        found = re.search(r'id="more"><a class="button" href="([^"]*)"', html)
        address = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) == 132


def test_a_page_of_the_queue_costs_the_same_with_five_rows_and_with_fifty(anas, city, mara, make_user):
    def cost(address: str) -> int:
        with statements() as sent:
            assert anas.get(address, headers=JSON if "items" in address else {}).status_code == 200
        return len(sent)

    def add(count: int) -> None:
        for number in range(count):
            one = post(city, make_user("Tom", group="company"), f"Idea of many {number}")
            report(one, because=SPAM, sentence="", by=mara, at=core_clock.now())
            say(one, mara)

    add(4)
    addresses = (QUEUE, f"{QUEUE}?q=idea&subject=idea", f"{QUEUE}?needs=settled", f"{QUEUE}/items?since=0")
    few = [cost(address) for address in addresses]
    add(12)
    assert [cost(address) for address in addresses] == few
    assert max(few) <= 26, few


def test_the_order_comes_from_the_index_however_much_waits(city, ana, mara):
    if database_kind() != "sqlite":
        pytest.skip("plans are worded differently")
    fill(city, mara, 500)
    for args in ({}, {"needs": "new"}, {"needs": "settled"}):
        query = _page_of(city, queue_filter("rotterdam", args), ana, None)
        sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
        assert "SCAN queue_items" not in plan, plan
        assert (
            "ix_queue_items_settled" if args.get("needs") == "settled" else "ix_queue_items_waiting"
        ) in plan
        assert plan.count("TEMP B-TREE") <= 1, plan  # of the few rows that the walks brought
