"""A moderator moves the room on while its people are still at it: nobody waits for ever, nothing is in two phases.

On either database; where one locks rows, in the order of the house, see `app/ideas/actions/changing.py`.
"""

from __future__ import annotations

import time

import pytest

from app.accounts.actions.registering import add_pseudonymous
from app.accounts.models import User
from app.cities.models import Workshop
from app.core import clock
from app.core.database import lock
from app.core.errors import AlreadyDone, NotAllowed
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment, post_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.actions.sampling import remove_sample
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea, Upvote
from app.workshops.actions.agreeing import Seen, agreed
from app.workshops.actions.driving import move_on, spotlight
from app.workshops.actions.joining import join as come_in
from tests.boards import at_once, draft, later, post, rows, say
from tests.rooms import go_to, join, workshop_in


@pytest.fixture
def room(city, make_user):
    """A workshop with hidden counts in its vote; ten people in it, Tom's idea upvoted by all but Mara and him."""
    made = workshop_in(city, "discuss", hides_counts=True)
    made.mara, made.tom = make_user("Mara"), make_user("Tom")
    others = [make_user(f"Voter {number}") for number in range(8)]
    made.idea = post(city, made.tom, "Shade at every stop")
    join(made, made.mara, made.tom, *others)
    made.comment = say(made.idea, made.mara)
    go_to(made, "vote")
    for other in others:
        upvote(made.idea, by=other, at=clock.now())
    return made


def moves(workshop, to):
    ident = workshop.id
    return lambda: move_on(db.session.get_one(Workshop, ident), to, by=None, at=clock.now())


def reveals_slowly(workshop):
    """The workshop is locked at once, its ideas only when the others have come as far as they can."""
    ident = workshop.id

    def do():
        with unit_of_work():
            held = db.session.get_one(Workshop, ident)
            lock(held)
            time.sleep(0.5)
            move_on(held, "reveal", by=None, at=clock.now())

    return do


def does(act, row, by, *what, **more):
    """`act` on this row by this person, both read anew in the thread that does it."""
    kind, ident, user_id = type(row), row.id, by.id

    def do():
        person = db.session.get_one(User, user_id)
        return act(db.session.get_one(kind, ident), *what, by=person, at=clock.now(), **more)

    return do


@pytest.mark.parametrize("what", ["comments", "edits", "withdraws", "edits a comment"])
def test_who_writes_at_the_moment_of_the_reveal_is_refused_and_the_reveal_is_done(app, room, what):
    late = {
        "comments": does(post_comment, room.idea, room.mara, "Late.", stance=None, language="en"),
        "edits": does(edit_idea, room.idea, room.tom, draft("Shade at no stop")),
        "withdraws": does(withdraw_idea, room.idea, room.tom),
        "edits a comment": does(edit_comment, room.comment, room.mara, "Otherwise.", stance=None),
    }[what]
    for _round in range(5):
        reveal, *refused = at_once(app, moves(room, "reveal"), *[late] * 4)
        assert reveal is None or isinstance(reveal, AlreadyDone)
        assert {type(one) for one in refused} == {NotAllowed}
    idea = db.session.get_one(Idea, room.idea.id)
    assert (idea.state, idea.title, idea.upvote_count) == ("published", "Shade at every stop", 8)


def test_a_comment_that_holds_its_idea_does_not_stop_the_reveal_for_ever(app, room):
    comment = does(post_comment, room.idea, room.mara, "At the last moment.", stance=None, language="en")
    results = at_once(app, reveals_slowly(room), lambda: later(comment))
    assert results[0] is None and isinstance(results[1], NotAllowed)


def test_no_upvote_slips_in_behind_the_reveal(app, room, make_user, city):
    late = [make_user(f"Late {number}") for number in range(10)]
    join(room, *late)
    at_once(app, *(does(upvote, room.idea, one) for one in late[:5]), moves(room, "reveal"),
            *(does(upvote, room.idea, one) for one in late[5:]))  # fmt: skip
    given = rows(Upvote, idea_id=room.idea.id)
    assert rows(Upvote, idea_id=room.idea.id, is_counted=True) == given
    assert db.session.get_one(Idea, room.idea.id).upvote_count == given


def test_two_moderators_press_next_at_once_and_the_room_goes_on_by_one(app, room, make_moderator, city):
    ana, ben, seen, ident = make_moderator(city, "Ana"), make_moderator(city, "Ben"), room.state_seq, room.id

    def presses(by_id):
        def do():
            workshop, by = db.session.get_one(Workshop, ident), db.session.get_one(User, by_id)
            at = clock.now()
            agreed(workshop, Seen("phase", seen, "vote"), lambda: move_on(workshop, "reveal", by=by, at=at))

        return do

    results = at_once(app, *(presses(one.id) for one in (ana, ben) * 5))
    assert results.count(None) == 1
    assert all(isinstance(one, AlreadyDone) for one in results if one is not None)
    assert db.session.get_one(Workshop, ident).phase == "reveal"


def test_sample_content_in_the_light_is_removed_while_the_room_is_moved_on(app, room, city):
    with unit_of_work():
        guest = add_pseudonymous("Sample", clock.now(), origin="sample", import_key="sample/guest")
    lit = post(city, guest, "From a sample participant")
    upvote(lit, by=room.mara, at=clock.now())
    spotlight(room, lit, by=None)
    assert at_once(app, reveals_slowly(room), lambda: later(remove_sample)) == [None, 1]
    workshop = db.session.get_one(Workshop, room.id)
    assert (workshop.phase, workshop.spotlight_id) == ("reveal", None)


def test_who_joins_and_is_vouched_for_while_the_room_is_moved_on_waits_for_nobody_for_ever(
    app, room, make_user
):
    stan = make_user("Stan", confirmed=False)
    upvote(room.idea, by=stan, at=clock.now())  # from home, and it waits for his confirmation
    ident, code, stan_id = room.id, room.join_code, stan.id

    def joins():
        who = db.session.get_one(User, stan_id)
        come_in(db.session.get_one(Workshop, ident), code, by=who, at=clock.now())

    assert at_once(app, reveals_slowly(room), lambda: later(joins)) == [None, None]
    assert db.session.get_one(Idea, room.idea.id).upvote_count == 9
