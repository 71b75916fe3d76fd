"""What waits for moderators and how urgently: posts, reports, alerts. A board's rules, and the list of reasons."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.config import LANGUAGES
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.ideas.actions.posting import edit_idea
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.deciding import hide, keep
from app.moderation.actions.reasons import add_reason, move_reason, rename_reason, retire_reason
from app.moderation.actions.reporting import report
from app.moderation.actions.rules import change_rules
from app.moderation.actions.setting_aside import dismiss_alert, set_aside
from app.moderation.actions.undoing import undo
from app.moderation.models import NEEDS, Act, QueueItem, Reason
from app.moderation.queries.reasons import reason_name, reasons
from tests.boards import draft, post, rows, say
from tests.rooms import join, workshop_in


def alerts() -> list[QueueItem]:
    """The alerts of all queues, oldest first."""
    db.session.rollback()
    return list(
        db.session.scalars(select(QueueItem).where(QueueItem.subject == "alert").order_by(QueueItem.id))
    )


def named(word: str) -> dict[str, str]:
    """A name in every language."""
    return {language: f"{word} {language}" for language in LANGUAGES}


def test_what_participants_post_waits_and_what_moderators_post_does_not(city, idea, ana, tom, queued, clock):
    comment, hers = say(idea, tom), say(idea, ana)
    assert (queued(idea).needs, queued(comment).needs, queued(idea).since) == ("new", "new", clock.now())
    assert rows(QueueItem, comment_id=hers.id) == 0


def test_every_change_of_the_queue_has_the_next_number(city, idea, tom, ana, queued, clock):
    assert queued(idea).stamp == city.queue_seq == 1
    report(idea, because=1, sentence="", by=tom, at=clock.now())
    assert queued(idea).stamp == city.queue_seq == 2
    keep(idea, by=ana, at=clock.now())
    assert queued(idea).stamp == city.queue_seq and queued(idea).decisions == 1


def test_the_most_urgent_need_is_shown_and_the_wait_counts_from_the_first(idea, tom, queued, clock):
    since = queued(idea).since
    report(idea, because=1, sentence="", by=tom, at=clock.advance(60))
    edit_idea(idea, draft("Changed since"), by=idea.author, at=clock.advance(60))
    assert (queued(idea).needs, queued(idea).urgency) == ("reported", NEEDS.index("reported"))
    assert queued(idea).since == since


def test_an_edit_of_what_was_looked_at_waits_again(idea, ana, queued, clock):
    keep(idea, by=ana, at=clock.now())
    edit_idea(idea, draft("Changed since"), by=idea.author, at=clock.advance(60))
    assert (queued(idea).needs, queued(idea).since, queued(idea).settled_at) == ("new", clock.now(), None)


def test_ten_upvotes_from_new_accounts_within_ten_minutes_raise_one_alert(idea, make_user, clock):
    crowd = [make_user(f"Account {number}") for number in range(20)]
    for place, who in enumerate(crowd, start=1):
        upvote(idea, by=who, at=clock.now())
        told = 0 if place < 10 else 10 if place < 20 else 20  # brought up to date once it has doubled
        assert [alert.seen["count"] for alert in alerts()] == [told] * bool(told)
    (alert,) = alerts()
    assert (alert.needs, alert.idea_id, idea.upvote_count) == ("alert", idea.id, 20)
    assert alert.seen["user_ids"] == [who.id for who in crowd]


def test_accounts_older_than_an_hour_raise_none(idea, make_user, clock):
    crowd = [make_user(f"Account {number}") for number in range(12)]
    clock.advance(3601)
    for who in crowd:
        upvote(idea, by=who, at=clock.now())
    assert alerts() == []


def test_forty_who_joined_with_a_code_are_a_room_and_no_burst(city, idea, make_user, clock):
    room = workshop_in(city, "vote")
    people = [make_user(f"Student {number}", "student") for number in range(40)]
    join(room, *people)
    for who in people:
        upvote(idea, by=who, at=clock.now())
    assert (alerts(), idea.upvote_count) == ([], 40)
    for number in range(9):
        upvote(idea, by=make_user(f"Account {number}"), at=clock.now())
    assert alerts() == [], "nor do they make one of a few others"
    upvote(idea, by=make_user("The tenth"), at=clock.now())
    assert alerts()[0].seen["count"] == 10


def test_the_code_of_another_city_makes_nobody_known_here(cities, idea, make_user, clock):
    crowd = [make_user(f"Account {number}") for number in range(10)]
    join(workshop_in(cities["berlin"], "vote"), *crowd)
    for who in crowd:
        upvote(idea, by=who, at=clock.now())
    assert alerts()[0].seen["count"] == 10


def test_the_same_text_three_times_raises_one_alert(city, make_user, clock):
    people = [make_user(f"Account {number}") for number in range(4)]
    for number, who in enumerate(people):
        text = "Please build the new stadium right here on the river, for all of us"
        post(city, who, f"Build the stadium{'!' * number}", text=text)
    (alert,) = alerts()
    assert (alert.seen["what"], alert.seen["count"]) == ("copies", 4)
    assert alert.seen["user_ids"] == sorted(who.id for who in people)


def test_short_or_different_texts_raise_none(city, idea, make_user):
    for number in range(4):
        say(idea, make_user(f"Resident {number}"), "Good idea!")
    post(city, make_user("Lisa"), "Ferries by night", text="The last boat leaves far too early.")
    assert alerts() == []


@pytest.fixture
def alert(idea, make_user, clock):
    """What a burst of upvotes on Mara's idea has raised."""
    for number in range(10):
        upvote(idea, by=make_user(f"Account {number}"), at=clock.now())
    return alerts()[0]


def test_an_alert_is_dismissed_once_and_waits_again_when_that_is_undone(city, alert, ana, ben, clock):
    act = dismiss_alert(alert, by=ana, at=clock.now())
    assert alerts()[0].needs == ""
    with pytest.raises(AlreadyDone):
        dismiss_alert(alert, by=ben, at=clock.now())
    with pytest.raises(AlreadyDone, match="by Ana"):
        set_aside(city, alert.seen["user_ids"], sentence="", by=ben, at=clock.now(), item=alert, seen=0)
    undo(act, by=ben, at=clock.advance(60))
    assert alerts()[0].needs == "alert"


def test_a_dismissed_alert_waits_again_only_once_it_is_twice_as_much(idea, alert, make_user, ana, clock):
    dismiss_alert(alert, by=ana, at=clock.now())
    for number in range(9):
        upvote(idea, by=make_user(f"Late account {number}"), at=clock.now())
    assert alerts()[0].needs == ""
    upvote(idea, by=make_user("The twentieth"), at=clock.now())
    assert (alerts()[0].needs, alerts()[0].seen["count"]) == ("alert", 20)


def test_setting_aside_settles_the_alert_and_undoing_brings_both_back(city, idea, alert, ana, clock):
    act = set_aside(city, alert.seen["user_ids"], sentence="", by=ana, at=clock.now(), item=alert)
    assert (idea.upvote_count, alerts()[0].needs) == (0, "")
    undo(act, by=ana, at=clock.advance(60))
    assert (idea.upvote_count, alerts()[0].needs) == (10, "alert")


def test_what_is_no_alert_is_not_dismissed(idea, ana, queued, clock):
    with pytest.raises(NotThere):
        dismiss_alert(queued(idea), by=ana, at=clock.now())


def test_each_change_of_the_rules_is_one_line_of_the_log(city, idea, tom, make_user, ana, clock):
    olga = make_user("Olga", organiser=True)
    act = change_rules(city, by=olga, at=clock.now(), posting_is_open=False, moderation="after")
    assert (act.kind, act.role, act.before, act.after) == (
        "settings", "organiser", {"posting_is_open": True}, {"posting_is_open": False},
    )  # fmt: skip
    for refused in (lambda: post(city, tom), lambda: say(idea, tom)):
        with pytest.raises(NotAllowed, match="paused"):
            refused()
    say(idea, ana, "We are back tomorrow.")
    assert change_rules(city, by=olga, at=clock.now(), posting_is_open=False) is None
    with pytest.raises(Invalid):
        change_rules(city, by=olga, at=clock.now(), moderation="never")
    assert rows(Act) == 1


def test_a_new_reason_is_the_last_and_moves_up_and_down(app):
    first = [reason.id for reason in reasons()]
    new = add_reason(named("Off the map"))
    assert [reason.id for reason in reasons()] == [*first, new.id] and reason_name(new.id) == "Off the map en"
    move_reason(new, up=True)
    assert [reason.id for reason in reasons()] == [*first[:-1], new.id, first[-1]]
    move_reason(new, up=False), move_reason(new, up=False)
    assert [reason.id for reason in reasons()] == [*first, new.id]


def test_a_reason_has_a_name_in_each_language(app):
    for wrong in ({**named("Short"), "zh": ""}, {**named("Long"), "nl": "x" * 81}):
        with pytest.raises(Invalid):
            add_reason(wrong)
    before = len(reasons())
    new = add_reason(named("Off the map"))
    rename_reason(new, named("On the map"))
    assert reason_name(new.id) == "On the map en" and len(reasons()) == before + 1


def test_a_retired_reason_is_offered_no_more_but_still_says_why(app, idea, ana, clock):
    act = hide(idea, because=1, sentence="", by=ana, at=clock.now())
    name = reason_name(1)
    retire_reason(db.session.get_one(Reason, 1), is_retired=True)
    assert 1 not in [reason.id for reason in reasons()] and reason_name(act.reason_id) == name
    for reason in reasons()[1:]:
        retire_reason(db.session.get_one(Reason, reason.id), is_retired=True)
    with pytest.raises(Invalid, match="One reason must remain"):
        retire_reason(db.session.get_one(Reason, reasons()[0].id), is_retired=True)
    assert len(reasons()) == 1
