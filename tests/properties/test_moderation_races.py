"""Moderators, authors and a whole room at the same moment: each act once, nothing lost, nobody waits for ever.

On either database; where one locks rows, in the order of the house: people, who takes part, ideas by their ids, cities,
and the rows of the queue.
"""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from app.accounts.actions.changing import confirm_email
from app.accounts.actions.erasing import erase
from app.accounts.actions.links import make_link
from app.accounts.models import Session, User
from app.cities.models import City
from app.core import clock
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere, Refusal
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment, withdraw_comment
from app.ideas.actions.posting import withdraw_idea
from app.ideas.actions.sampling import remove_sample
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Comment, Idea, Upvote
from app.moderation.actions.answering import answer_idea, draft_answer, publish_answers
from app.moderation.actions.banning import ban
from app.moderation.actions.deciding import hide, keep, restore
from app.moderation.actions.marking import pin, unpin
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.queueing import raise_alert
from app.moderation.actions.reporting import report
from app.moderation.actions.setting_aside import count_again, dismiss_alert, set_aside
from app.moderation.actions.undoing import undo
from app.moderation.actions.verifying import unverify, verify
from app.moderation.models import Act, AnswerDraft, QueueItem, Report
from tests.boards import at_once, later, numbers_of, post, rows, run_sql, say, slowly


@pytest.fixture
def ana(city, make_moderator):
    """She moderates Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def ben(city, make_moderator):
    """So does he."""
    return make_moderator(city, "Ben")


@pytest.fixture
def mara(make_user):
    """Who posts."""
    return make_user("Mara")


def does(act, *what, by=None, **more):
    """`act` on these rows, each read anew in the thread that does it."""
    told = [(type(one), one.id) for one in what]
    actor = by.id if by is not None else None

    def do():
        found = [db.session.get_one(model, ident) for model, ident in told]
        if actor is not None:
            more["by"] = db.session.get_one(User, actor)
        return act(*found, **more)

    return do


def hides(item, by):
    return does(hide, item, by=by, because=1, sentence="", at=clock.now())


def merges(one, into, by):
    into_id = into.id
    return does(
        lambda idea, by: merge_ideas(idea, into=db.session.get_one(Idea, into_id), by=by, at=clock.now()),
        one,
        by=by,
    )


def upvotes(idea, by):
    def act(idea, by):  # the count it returns is another one in each race
        upvote(idea, by=by, at=clock.now())

    return does(act, idea, by=by)


def comments(idea, by):
    return does(lambda idea, by: say(idea, by).id, idea, by=by)


def confirms(person):
    token = make_link("confirm", clock.now(), person.id, person.claimed_email)
    return lambda: confirm_email(token, clock.now()) and None


def holding(idea, act):
    """`act`, begun by locking `idea` a while before: as whoever needs some time between one lock and the next."""
    wait = does(lambda idea: lock(idea), idea)

    def slow():
        with unit_of_work():
            wait()
            time.sleep(0.5)
            return act()

    return slow


def afterwards(act):
    """`act`, once a slow one has begun."""
    return lambda: later(act)


def adds_up() -> None:
    """Counters equal rows; what is merged has brought its comments along; what came with it came once."""
    db.session.rollback()
    for idea in db.session.scalars(select(Idea)):
        assert idea.upvote_count == rows(Upvote, idea_id=idea.id, is_counted=True), idea.id
        assert idea.comment_count == rows(Comment, idea_id=idea.id, state="published"), idea.id
        assert (idea.state == "merged") == (idea.merged_into_id is not None)
        if idea.state == "merged":
            assert rows(Comment, idea_id=idea.id) == 0
            given = set(db.session.scalars(select(Upvote.user_id).where(Upvote.idea_id == idea.id)))
            into = db.session.get_one(Idea, idea.merged_into_id)
            there = set(db.session.scalars(select(Upvote.user_id).where(Upvote.idea_id == into.id)))
            assert given - {into.author_id} <= there, "an upvote did not come along"
    came = db.session.execute(
        select(Upvote.came_with_id, Upvote.idea_id).where(Upvote.came_with_id.is_not(None))
    )
    for came_with, where in came.all():
        assert db.session.get_one(Idea, came_with).merged_into_id == where, "an upvote stayed behind"
    for city in db.session.scalars(select(City)):
        assert numbers_of(city) == list(range(1, city.seq + 1))


def kinds(results) -> list[str]:
    """The names of what the acts returned or raised, sorted."""
    return sorted(type(one).__name__ for one in results)


def test_two_moderators_hide_one_idea_at_once_and_the_second_hears_of_the_first(app, city, ana, ben, mara):
    for number in range(5):
        idea = post(city, mara, f"Advertisement number {number}")
        results = at_once(app, hides(idea, ana), hides(idea, ben))
        assert kinds(results) == ["Act", "AlreadyDone"], results
        first = "Ana" if isinstance(results[0], Act) else "Ben"
        refused = next(one for one in results if isinstance(one, AlreadyDone))
        assert f"Already hidden by {first}" in refused.message
        assert rows(Act, idea_id=idea.id) == 1
    adds_up()


def test_hiding_meets_merging_and_one_of_them_is_done(app, city, ana, ben, mara):
    into = post(city, mara, "The idea that stays")
    for number in range(5):
        idea = post(city, mara, f"The same again {number}")
        say(idea, mara)
        results = at_once(app, hides(idea, ana), merges(idea, into, ben))
        assert kinds(results) == ["Act", "AlreadyDone"], results
        assert db.session.get_one(Idea, idea.id).state == (
            "hidden" if isinstance(results[0], Act) else "merged"
        )
    adds_up()


def test_merging_each_into_the_other_at_once_leaves_one_of_them(app, city, ana, ben, mara, make_user):
    tom = make_user("Tom")
    for number in range(5):
        one, other = (
            post(city, mara, f"Trams by night {number}"),
            post(city, tom, f"Night trams, please {number}"),
        )
        say(one, tom), say(other, mara)
        results = at_once(app, merges(one, other, ana), merges(other, one, ben))
        assert sum(isinstance(result, Act) for result in results) == 1, results
        assert sum(isinstance(result, AlreadyDone | Invalid) for result in results) == 1, results
        states = sorted(db.session.get_one(Idea, idea.id).state for idea in (one, other))
        assert states == ["merged", "published"]
    adds_up()


def test_a_room_upvotes_and_comments_while_its_ideas_are_merged(app, city, ana, mara, make_user):
    one, into = post(city, mara, "Ferries by night"), post(city, mara, "A night ferry")
    room = [make_user(f"Resident {number}") for number in range(8)]
    acts = [act(idea, who) for who in room for idea in (one, into) for act in (upvotes, comments)]
    results = at_once(app, merges(one, into, ana), *acts)
    assert isinstance(results[0], Act), results[0]
    assert all(result is None or isinstance(result, int | NotThere) for result in results[1:]), results
    adds_up()
    # Each has upvoted the one that stays; each comment that was taken is there, once.
    said = [result for result in results if isinstance(result, int)]
    assert db.session.get_one(Idea, into.id).upvote_count == 8
    assert db.session.get_one(Idea, into.id).comment_count == len(said) == rows(Comment)
    unmerge(db.session.get_one(Idea, one.id), by=db.session.get_one(User, ana.id), at=clock.now())
    adds_up()
    assert db.session.get_one(Idea, into.id).upvote_count == 8


def test_one_of_three_moderators_takes_the_last_place_for_a_pin(app, city, ana, ben, mara, make_moderator):
    for number in range(2):
        pin(post(city, mara, f"Pinned already {number}"), by=ana, at=clock.now())
    acts = [
        does(pin, post(city, mara, f"To be pinned by {who.name}"), by=who, at=clock.now())
        for who in (ana, ben, make_moderator(city, "Cem"))
    ]
    assert kinds(at_once(app, *acts)) == ["Act", "Invalid", "Invalid"]
    assert db.session.scalar(select(func.count()).where(Idea.pinned_at.is_not(None))) == 3


def test_twenty_reports_at_once_hold_an_idea_once(app, city, mara, make_user):
    idea = post(city, mara)
    room = [make_user(f"Resident {number}") for number in range(20)]
    results = at_once(
        app, *[does(report, idea, by=who, because=1, sentence="", at=clock.now()) for who in room]
    )
    assert kinds(results) == ["NotThere"] * 15 + ["Report"] * 5, results
    assert db.session.get_one(Idea, idea.id).state == "held"
    assert rows(Act, kind="hold", role="board") == 1
    item = db.session.scalars(select(QueueItem).where(QueueItem.key == f"idea:{idea.id}")).one()
    assert (item.needs, item.reports, rows(Report)) == ("held", 5, 5)


def test_who_is_banned_while_posting_has_posted_before_or_not_at_all(app, city, ana, make_user):
    for number in range(4):
        karl = make_user("Karl")
        shut_out = does(
            ban,
            karl,
            city,
            by=ana,
            until=clock.now() + timedelta(days=2),
            because=1,
            sentence="",
            at=clock.now(),
        )
        posts = [
            does(lambda city, by, n=n: post(city, by, f"Buy this, again {n}").id, city, by=karl)
            for n in range(4)
        ]
        first = slowly(shut_out) if number % 2 else shut_out
        results = at_once(app, first, *(posts if number % 2 == 0 else [afterwards(p) for p in posts]))
        assert isinstance(results[0], Act), results
        assert all(isinstance(one, int | NotAllowed) for one in results[1:]), results
        if number % 2:
            assert kinds(results[1:]) == ["NotAllowed"] * 4
        assert rows(Idea, author_id=karl.id) == sum(isinstance(one, int) for one in results)
        assert rows(Session, user_id=karl.id, ended_at=None) == 0
    adds_up()


@pytest.mark.parametrize("who_is_slow", ["the moderator", "the room"])
def test_setting_aside_meets_upvotes_and_none_of_them_counts(app, city, ana, mara, make_user, who_is_slow):
    first, second = post(city, mara, "The first idea"), post(city, mara, "The second idea")
    crowd = [make_user(f"Account {number}") for number in range(3)]
    for who in crowd:
        upvote(first, by=who, at=clock.now())
    ids = [who.id for who in crowd]
    puts = does(lambda city, by: set_aside(city, ids, sentence="", by=by, at=clock.now()), city, by=ana)
    gives = [upvotes(second, who) for who in crowd]
    if who_is_slow == "the moderator":
        results = at_once(app, slowly(puts), *[afterwards(give) for give in gives])
    else:
        results = at_once(app, afterwards(puts), *[slowly(give) for give in gives])
    assert kinds(results) == ["Act", "NoneType", "NoneType", "NoneType"], results
    assert rows(Upvote, is_counted=True) == 0 and rows(Upvote) == 6
    adds_up()
    again = count_again(
        db.session.scalars(select(Act)).one(), by=db.session.get_one(User, ana.id), at=clock.now()
    )
    assert again.kind == "count_again" and rows(Upvote, is_counted=True) == 6
    adds_up()


def test_setting_aside_meets_a_merge_and_no_copy_counts(app, city, ana, ben, mara, make_user):
    into, one = post(city, mara, "The idea that stays"), post(city, mara, "The same again")
    karl = make_user("Karl")
    upvote(one, by=karl, at=clock.now())
    karl_id = karl.id
    puts = does(lambda city, by: set_aside(city, [karl_id], sentence="", by=by, at=clock.now()), city, by=ana)
    results = at_once(app, slowly(merges(one, into, ben)), afterwards(puts))
    assert kinds(results) == ["Act", "Act"], results
    assert rows(Upvote) == 2 and rows(Upvote, is_counted=True) == 0
    adds_up()


@pytest.mark.settings(confirm_email=True)
def test_confirming_meets_a_merge_and_both_upvotes_count(app, city, ana, mara, make_user):
    into, one = post(city, mara, "The idea that stays"), post(city, mara, "The same again")
    nia = make_user("Nia", confirmed=False)
    upvote(one, by=nia, at=clock.now())
    results = at_once(app, slowly(merges(one, into, ana)), afterwards(confirms(nia)))
    assert kinds(results) == ["Act", "NoneType"], results
    assert rows(Upvote) == rows(Upvote, is_counted=True) == 2
    adds_up()


@pytest.mark.settings(confirm_email=True)
@pytest.mark.parametrize("first", ["set aside", "confirmed"])
def test_who_is_set_aside_while_confirming_does_not_count(app, city, ana, mara, make_user, first):
    idea, nia = post(city, mara), make_user("Nia", confirmed=False)
    upvote(idea, by=nia, at=clock.now())
    nia_id, confirm = nia.id, confirms(nia)
    puts = does(lambda city, by: set_aside(city, [nia_id], sentence="", by=by, at=clock.now()), city, by=ana)
    order = (puts, confirm) if first == "set aside" else (confirm, puts)
    results = at_once(app, slowly(order[0]), afterwards(order[1]))
    assert kinds(results) == ["Act", "NoneType"], results
    assert rows(Upvote, is_counted=True) == 0
    adds_up()


def test_undoing_twice_at_once_undoes_once(app, city, ana, ben, mara, make_user):
    for number in range(3):
        into, one = post(city, mara, f"It stays {number}"), post(city, mara, f"The same {number}")
        tom = make_user("Tom")
        upvote(one, by=tom, at=clock.now())
        say(one, tom)
        merge = merge_ideas(one, into=into, by=ana, at=clock.now())
        takes_back = [does(undo, merge, by=who, at=clock.now()) for who in (ana, ben)]
        results = at_once(app, *takes_back, does(unmerge, one, by=ben, at=clock.now()))
        assert kinds(results) == ["Act", "AlreadyDone", "AlreadyDone"], results
        hidden = hide(one, because=1, sentence="", by=ana, at=clock.now())
        results = at_once(app, *[does(undo, hidden, by=who, at=clock.now()) for who in (ana, ben)])
        assert kinds(results) == ["Act", "AlreadyDone"], results
        assert db.session.get_one(Idea, one.id).state == "published"
    adds_up()


def test_drafts_are_published_once_while_their_ideas_are_commented_on(app, city, ana, ben, mara, make_user):
    ideas = [post(city, mara, f"Idea number {number}") for number in range(6)]
    for idea in ideas:
        draft_answer(idea, status="in_discussion", text="We look into it.", by=ana, at=clock.now())
    ids, room = [idea.id for idea in ideas], [make_user(f"Resident {number}") for number in range(6)]
    publish = [
        does(lambda city, by, ids=order: publish_answers(city, ids, by=by, at=clock.now()), city, by=who)
        for who, order in ((ana, ids), (ben, ids[::-1]))
    ]
    said = [holding(idea, comments(idea, who)) for idea, who in zip(ideas, room, strict=True)]
    results = at_once(app, *map(afterwards, publish), *said)
    assert kinds(results[:2]) == ["Invalid", "list"], results[:2]
    assert kinds(results[2:]) == ["int"] * 6, results[2:]
    assert (rows(Act, kind="answer"), rows(AnswerDraft)) == (6, 0)
    adds_up()


def test_a_comment_is_hidden_or_edited_while_its_idea_is_merged(app, city, ana, ben, mara, make_user):
    tom = make_user("Tom")
    into, one = post(city, mara, "The idea that stays"), post(city, mara, "The same again")
    hidden, edited, gone = (say(one, tom, f"Comment number {number}") for number in range(3))
    acts = [
        hides(hidden, ana),
        does(
            lambda comment, by: edit_comment(comment, "Changed.", stance=None, by=by, at=clock.now()),
            edited,
            by=tom,
        ),
        does(withdraw_comment, gone, by=tom, at=clock.now()),
        does(report, edited, by=mara, because=1, sentence="", at=clock.now()),
    ]
    results = at_once(app, slowly(merges(one, into, ben)), *[afterwards(act) for act in acts])
    assert isinstance(results[0], Act), results
    assert all(result is None or isinstance(result, Act | Report | AlreadyDone) for result in results), (
        results
    )
    adds_up()
    results = at_once(
        app, slowly(does(unmerge, one, by=ben, at=clock.now())), *[afterwards(act) for act in acts]
    )
    assert isinstance(results[0], Act), results
    assert all(result is None or isinstance(result, Act | Report | Refusal) for result in results), results
    adds_up()


def test_whose_badge_changes_while_their_idea_is_hidden_or_commented_on(app, city, ana, ben, make_user):
    wei = make_user("Wei", group="university")
    ideas = [post(city, wei, f"Idea number {number}") for number in range(4)]
    for number in range(3):
        badge = does(unverify if number % 2 else verify, wei, city, by=ana, at=clock.now())
        others = [hides(ideas[number], ben), *[comments(ideas[3], make_user("Tom")) for _ in range(3)]]
        results = at_once(app, *[slowly(act) for act in others[:2]], afterwards(badge), *others[2:])
        assert not [one for one in results if isinstance(one, Exception)], results
    adds_up()


@pytest.mark.settings(confirm_email=True)
def test_who_confirms_while_others_answer_them_waits_for_nobody_for_ever(app, city, mara, make_user):
    idea, nia, tom = post(city, mara), make_user("Nia", confirmed=False), make_user("Tom")
    comment = say(idea, nia)
    upvote(idea, by=nia, at=clock.now())
    under = comment.id
    replies = does(lambda idea, by: say(idea, by, under=db.session.get_one(Comment, under)).id, idea, by=tom)
    results = at_once(app, holding(idea, replies), afterwards(confirms(nia)))
    assert isinstance(results[0], int) and results[1] is None, results
    adds_up()


def test_an_alert_is_raised_brought_up_to_date_and_decided_at_once(app, city, ana, mara, make_user):
    idea, karl = post(city, mara), make_user("Karl")
    upvote(idea, by=karl, at=clock.now())
    city_id, karl_id = city.id, karl.id

    def alert():
        with unit_of_work():
            raise_alert(city_id, "burst:1", {"what": "burst", "user_ids": [karl_id]}, clock.now())

    assert at_once(app, *[alert] * 8) == [None] * 8
    item = db.session.scalars(select(QueueItem).where(QueueItem.subject == "alert")).one()
    item_id = item.id

    def aside(city, by):
        found = db.session.get_one(QueueItem, item_id)
        return set_aside(city, [karl_id], sentence="", by=by, at=clock.now(), item=found)

    acts = [does(aside, city, by=ana), does(dismiss_alert, item, by=ana, at=clock.now())]
    results = at_once(app, *acts, *[alert] * 6)
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, Refusal)], (
        results
    )
    adds_up()


def test_an_author_withdraws_the_idea_that_another_is_merged_into(app, city, ana, ben, mara, make_user):
    tom = make_user("Tom")
    for number in range(4):
        one, into = (
            post(city, tom, f"The same again {number}"),
            post(city, mara, f"The idea that stays {number}"),
        )
        say(one, tom)
        withdraws = does(withdraw_idea, into, by=mara, at=clock.now())
        if number % 2:
            merge_ideas(one, into=into, by=ana, at=clock.now())
            results = at_once(app, withdraws, does(unmerge, one, by=ben, at=clock.now()))
        else:
            results = at_once(app, withdraws, merges(one, into, ben))
        assert results[0] is None and isinstance(results[1], Act | Refusal), results
        assert db.session.get_one(Idea, into.id).state == "withdrawn"
        assert db.session.get_one(Idea, one.id).state == "published"
    adds_up()


def test_who_leaves_while_their_idea_is_merged_is_nowhere_shown(app, city, ana, mara, make_user):
    tom, leaving = make_user("Tom"), make_user("Lisa")
    into, one = post(city, mara, "The idea that stays"), post(city, leaving, "The same again")
    said = say(one, leaving)
    upvote(into, by=leaving, at=clock.now())
    before = said.version
    results = at_once(app, slowly(merges(one, into, ana)), afterwards(does(erase, leaving, at=clock.now())))
    assert isinstance(results[0], Act) and results[1] is None, results
    db.session.rollback()
    assert db.session.get_one(Comment, said.id).version > before, "the comment is kept with the old name"
    assert tom.id and db.session.get_one(Idea, into.id).upvote_count == 1
    adds_up()


def test_sample_content_is_removed_while_people_upvote_and_comment_on_it(
    app, city, ana, ben, mara, make_user
):
    sam, room = make_user("Sam"), [make_user(f"Resident {number}") for number in range(4)]
    samples = [post(city, sam, f"A sample idea {number}") for number in range(3)]
    ours = [post(city, mara, f"An idea of ours {number}") for number in range(3)]
    for who, one, idea in zip(room, samples, ours, strict=False):
        say(idea, sam), say(one, who)
        upvote(idea, by=sam, at=clock.now())
    merge_ideas(ours[0], into=samples[0], by=ana, at=clock.now())
    merge_ideas(samples[1], into=ours[1], by=ana, at=clock.now())
    run_sql(
        "UPDATE users SET origin = 'sample', password_hash = NULL, email = NULL WHERE id = :id", id=sam.id
    )
    upvoting = [slowly(upvotes(idea, who)) for who in room for idea in (samples[2], ours[2])]
    others = [comments(idea, who) for who in room for idea in ours] + [hides(ours[2], ben)]
    results = at_once(app, *upvoting, *others, afterwards(lambda: remove_sample(clock.now())))
    assert results[-1] == 3, results
    assert all(one is None or isinstance(one, int | Act | Refusal) for one in results), results
    assert rows(Idea) == 3 and db.session.get_one(Idea, ours[0].id).is_published
    adds_up()


@pytest.mark.parametrize("seed", range(3))
def test_an_hour_of_a_board_in_a_few_seconds(app, city, ana, ben, make_user, seed):
    """Whatever meets: nothing fails but what is refused, and in the end all adds up."""
    people = [make_user(f"Resident {number}") for number in range(4)]
    ideas = [post(city, people[number % 4], f"Idea number {number}") for number in range(5)]
    said = [say(idea, people[(number + 1) % 4]) for number, idea in enumerate(ideas)]
    crowd = [one.id for one in people[:2]]

    def acts_of(number: int):
        chance = Random(f"{seed} {number}")
        chosen = []
        for _ in range(7):
            idea, other = chance.sample(ideas, 2)
            who, moderator = chance.choice(people), chance.choice((ana, ben))
            at = {"by": moderator, "at": clock.now()}
            reasons = {"because": 1, "sentence": ""}
            chosen.append(
                chance.choice(
                    [
                        upvotes(idea, who), upvotes(other, who), comments(idea, who), comments(other, who),
                        does(take_back_upvote, idea, by=who, at=clock.now()),
                        merges(idea, other, moderator), merges(other, idea, moderator),
                        does(unmerge, idea, **at), does(unmerge, other, **at), hides(idea, moderator),
                        does(restore, idea, **at), hides(chance.choice(said), moderator),
                        does(restore, chance.choice(said), **at), does(keep, other, **at),
                        does(pin, idea, **at), does(unpin, idea, **at),
                        does(answer_idea, idea, status="in_discussion", text=f"Answer {number}.", **at),
                        does(report, idea, by=who, at=clock.now(), **reasons),
                        does(lambda city, **more: set_aside(city, crowd, sentence="", **more), city, **at),
                        _undoes_the_last(moderator), _counts_again(moderator),
                    ]
                )
            )  # fmt: skip
        return chosen

    def one_after_the_other(acts):
        def run():
            for act in acts:
                try:
                    act()
                except Refusal:
                    db.session.rollback()

        return run

    results = at_once(app, *[one_after_the_other(acts_of(number)) for number in range(8)])
    assert results == [None] * 8, results
    adds_up()


def _undoes_the_last(by):
    def last(by):
        act = db.session.scalar(select(Act).where(Act.undoes_id.is_(None)).order_by(Act.id.desc()).limit(1))
        return undo(act, by=by, at=clock.now()) if act else None

    return does(last, by=by)


def _counts_again(by):
    def last(by):
        aside = select(Act).where(Act.kind == "set_aside", Act.undone_at.is_(None), Act.undoes_id.is_(None))
        act = db.session.scalar(aside.limit(1))
        return count_again(act, by=by, at=clock.now()) if act else None

    return does(last, by=by)
