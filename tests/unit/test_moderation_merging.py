"""Two ideas become one, and two again: everybody counts once, comments go where they belong."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.actions.changing import confirm_email
from app.accounts.actions.erasing import erase
from app.accounts.actions.links import make_link
from app.cities.models import Change
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.ideas.access import where_it_went
from app.ideas.actions.commenting import withdraw_comment
from app.ideas.actions.posting import withdraw_idea
from app.ideas.actions.sampling import remove_sample
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Comment, Idea, Upvote
from app.moderation.actions.deciding import hide, restore
from app.moderation.actions.marking import pin
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.reporting import report
from app.moderation.actions.undoing import undo
from app.moderation.models import Act, Report
from tests.boards import post, run_sql, say


@pytest.fixture
def same(city, tom):
    """Tom's idea, which says what Mara's does."""
    return post(city, tom, "A bike lane along Coolsingel please")


@pytest.fixture
def merge(ana, clock):
    """`merge(one, into=another)`, by Ana."""
    return lambda one, into: merge_ideas(one, into=into, by=ana, at=clock.now())


@pytest.fixture
def apart(ana, clock):
    """`apart(one)`, by Ana."""
    return lambda one: unmerge(one, by=ana, at=clock.now())


def upvoters(idea) -> set[int]:
    """Who counts on an idea."""
    db.session.rollback()
    return set(db.session.scalars(select(Upvote.user_id).where(Upvote.idea_id == idea.id, Upvote.is_counted)))


def test_everybody_counts_once_and_authors_not_on_their_own(idea, same, mara, make_user, merge, apart, clock):
    lisa, noor = make_user("Lisa"), make_user("Noor")
    for on, who in ((same, lisa), (same, noor), (idea, noor), (same, mara)):
        upvote(on, by=who, at=clock.now())
    merge(same, into=idea)
    assert upvoters(idea) == {lisa.id, noor.id} and idea.upvote_count == 2
    assert (same.state, same.merged_into_id, same.upvote_count) == ("merged", idea.id, 3)
    apart(same)
    assert (upvoters(idea), upvoters(same)) == ({noor.id}, {lisa.id, noor.id, mara.id})
    assert (idea.upvote_count, same.upvote_count, same.state, same.merged_into_id) == (
        1,
        3,
        "published",
        None,
    )


def test_who_had_upvoted_two_duplicates_counts_until_both_are_gone(
    city, idea, same, make_user, merge, apart, clock
):
    lisa, third = make_user("Lisa"), post(city, make_user("Karim"), "And a third time")
    for on in (same, third):
        upvote(on, by=lisa, at=clock.now())
    merge(same, into=idea), merge(third, into=idea)
    apart(same)
    assert upvoters(idea) == {lisa.id} == upvoters(same)
    merge(same, into=idea), apart(third)
    assert upvoters(idea) == {lisa.id}
    apart(same)
    assert upvoters(idea) == set()


def test_who_takes_back_what_came_along_does_not_come_back_with_another(
    city, idea, same, make_user, merge, apart, clock
):
    lisa, third = make_user("Lisa"), post(city, make_user("Karim"), "And a third time")
    for on in (same, third):
        upvote(on, by=lisa, at=clock.now())
    merge(same, into=idea), merge(third, into=idea)
    take_back_upvote(idea, by=lisa, at=clock.now())
    apart(same)
    assert upvoters(idea) == set() and upvoters(same) == {lisa.id}


def test_who_upvotes_what_theirs_had_come_to_stays_when_that_leaves(
    idea, same, make_user, merge, apart, clock
):
    lisa, noor = make_user("Lisa"), make_user("Noor")
    for who in (lisa, noor):
        upvote(same, by=who, at=clock.now())
    merge(same, into=idea)
    take_back_upvote(idea, by=lisa, at=clock.now())
    for who in (lisa, noor):
        upvote(idea, by=who, at=clock.now())
    apart(same)
    assert upvoters(idea) == upvoters(same) == {lisa.id, noor.id}


@pytest.mark.settings(confirm_email=True)
def test_who_confirms_after_the_merge_counts_on_both(idea, same, make_user, merge, apart, clock):
    nia = make_user("Nia", confirmed=False)
    upvote(same, by=nia, at=clock.now())
    merge(same, into=idea)
    assert upvoters(idea) == set()
    confirm_email(make_link("confirm", clock.now(), nia.id, nia.claimed_email), clock.now())
    assert upvoters(idea) == {nia.id} and idea.upvote_count == same.upvote_count == 1
    apart(same)
    assert upvoters(idea) == set() and upvoters(same) == {nia.id}


def test_comments_move_with_their_origin_and_back_with_their_replies(idea, same, mara, tom, merge, apart):
    mine, theirs = say(idea, tom), say(same, mara)
    merge(same, into=idea)
    assert (theirs.idea_id, theirs.came_with_id, mine.came_with_id) == (idea.id, same.id, None)
    assert (idea.comment_count, same.comment_count) == (2, 0)
    reply, new = say(idea, tom, "So would I.", under=theirs), say(idea, mara, "A new thought.")
    apart(same)
    assert [one.idea_id for one in (mine, theirs, reply, new)] == [idea.id, same.id, same.id, idea.id]
    assert (theirs.came_with_id, reply.came_with_id) == (None, None)
    assert (idea.comment_count, same.comment_count) == (2, 2)


def test_a_comment_hidden_after_it_moved_goes_back_hidden(idea, same, mara, ana, merge, apart, queued, clock):
    rude = say(same, mara, "Cyclists are idiots.")
    merge(same, into=idea)
    act = hide(rude, because=1, sentence="", by=ana, at=clock.now())
    apart(same)
    assert (rude.idea_id, rude.state, same.comment_count, idea.comment_count) == (same.id, "hidden", 0, 0)
    assert queued(rude).idea_id == same.id
    undo(act, by=ana, at=clock.now())
    assert (rude.state, same.comment_count) == ("published", 1)


def test_a_comment_that_moved_is_still_its_authors(idea, same, mara, merge, apart, clock):
    comment = say(same, mara)
    merge(same, into=idea)
    withdraw_comment(comment, by=mara, at=clock.now())
    assert idea.comment_count == 0
    apart(same)
    assert (comment.state, comment.idea_id, same.comment_count) == ("withdrawn", same.id, 0)


def test_merged_ideas_merge_on_and_come_apart_from_the_outside_in(
    city, idea, same, make_user, mara, merge, apart, clock
):
    lisa, whole = make_user("Lisa"), post(city, make_user("Karim"), "Everything about bicycles")
    upvote(same, by=lisa, at=clock.now())
    said = say(same, mara)
    merge(same, into=idea), merge(idea, into=whole)
    assert upvoters(whole) == {lisa.id} and said.idea_id == whole.id and said.came_with_id == same.id
    assert where_it_went(same.id, city) == whole.id
    with pytest.raises(Invalid, match="Take that one apart first"):
        apart(same)
    apart(idea)
    assert (said.idea_id, upvoters(idea), upvoters(whole)) == (idea.id, {lisa.id}, set())
    apart(same)
    assert (said.idea_id, upvoters(idea), upvoters(same)) == (same.id, set(), {lisa.id})


def test_what_cannot_become_one_is_refused(city, cities, idea, same, tom, ana, make_moderator, merge, clock):
    with pytest.raises(Invalid, match="another idea"):
        merge(idea, into=idea)
    with pytest.raises(Invalid, match="another idea"):
        merge(idea, into=post(cities["berlin"], tom))
    with pytest.raises(NotThere):
        merge_ideas(same, into=idea, by=make_moderator(cities["berlin"], "Cem"), at=clock.now())
    hide(idea, because=1, sentence="", by=ana, at=clock.now())
    with pytest.raises(Invalid, match="not on the board any more"):
        merge(same, into=idea)
    with pytest.raises(AlreadyDone, match="Already hidden by Ana"):
        merge(idea, into=same)
    with pytest.raises(AlreadyDone, match="taken apart already"):
        unmerge(same, by=ana, at=clock.now())


def test_the_duplicate_leaves_its_pin_and_its_reports_and_has_the_pin_back(
    idea, same, mara, ana, merge, apart, queued, clock
):
    pin(same, by=ana, at=clock.now())
    report(same, because=1, sentence="", by=mara, at=clock.now())
    merge(same, into=idea)
    assert (same.pinned_at, queued(same).needs, db.session.scalars(select(Report.outcome)).one()) == (
        None, "", "moot",
    )  # fmt: skip
    apart(same)
    assert same.pinned_at == clock.now() and queued(same).needs == ""


def test_a_duplicate_comes_out_of_what_is_hidden(idea, same, mara, ana, merge, apart, clock):
    said = say(same, mara)
    merge(same, into=idea)
    hide(idea, because=1, sentence="", by=ana, at=clock.now())
    apart(same)
    assert same.is_published and said.idea_id == same.id and same.comment_count == 1
    restore(idea, by=ana, at=clock.now())
    assert idea.comment_count == 0


def test_who_withdraws_an_idea_takes_nobody_elses_along(idea, same, mara, make_user, merge, clock):
    lisa = make_user("Lisa")
    upvote(same, by=lisa, at=clock.now())
    said = say(same, lisa)
    merge(same, into=idea)
    withdraw_idea(idea, by=mara, at=clock.now())
    assert (idea.state, same.state, said.idea_id, upvoters(same)) == (
        "withdrawn",
        "published",
        same.id,
        {lisa.id},
    )
    last = db.session.scalars(select(Act).order_by(Act.id.desc())).first()
    assert (last.kind, last.role, last.by_id) == ("unmerge", "board", None)


def test_who_leaves_while_merged_is_nameless_where_the_idea_is(idea, same, tom, merge, apart, clock):
    said = say(same, tom)
    merge(same, into=idea)
    version = said.version
    erase(tom, clock.now())
    assert said.version > version and said.idea_id == idea.id
    last = db.session.execute(
        select(Change.kind, Change.idea_id, Change.comment_id).order_by(Change.number.desc()).limit(2)
    ).all()
    told = {tuple(row) for row in last}
    assert told == {("author_changed", idea.id, None), ("author_changed", idea.id, said.id)}
    apart(same)
    assert same.is_published and same.comment_count == 1


@pytest.mark.parametrize("place", ["inner", "middle", "outer"])
def test_sample_ideas_leave_a_chain_of_merges_without_anybody_elses(
    city, idea, same, mara, make_user, merge, clock, place
):
    lisa, whole = make_user("Lisa"), post(city, make_user("Karim"), "Everything about bicycles")
    chain = {"inner": same, "middle": idea, "outer": whole}
    said = {name: say(one, lisa) for name, one in chain.items()}
    for one in chain.values():
        upvote(one, by=lisa, at=clock.now())
    merge(same, into=idea), merge(idea, into=whole)
    ids = {name: one.id for name, one in chain.items()}
    comments = {name: one.id for name, one in said.items()}
    sample = chain[place].author_id
    run_sql(
        "UPDATE users SET origin = 'sample', password_hash = NULL, email = NULL WHERE id = :id", id=sample
    )
    assert remove_sample(clock.now()) == 1
    stays = {"inner": "middle"} if place == "outer" else {}  # these two are still one
    for name, ident in ids.items():
        left, comment = db.session.get(Idea, ident), db.session.get(Comment, comments[name])
        assert (left is None, comment is None) == (name == place, name == place)
        if left is not None:
            here = stays.get(name, name)
            assert (left.state, comment.idea_id) == ("merged" if name in stays else "published", ids[here])
            assert left.upvote_count == 1 and left.comment_count == (
                2 if name in stays.values() else name == here
            )
