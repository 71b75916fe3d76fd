"""A right that ends ends what is open, wherever it was ended: here behind the application's back, as by a command."""

from __future__ import annotations

import time

import pytest

from app.core import clock
from app.core.extensions import db
from app.live.topics import NAMESPACE, watchers
from app.workshops.actions.screening import make_screen
from tests.boards import run_sql


def closes(page, within: float = 2.5) -> bool:
    """Whether the server closes the socket within so many seconds."""
    until = time.monotonic() + within
    while page.is_open and time.monotonic() < until:
        time.sleep(0.05)
        db.session.rollback()
    return not page.is_open


@pytest.fixture(autouse=True)
def _nobody_else():
    assert watchers.standing() == []


def test_a_session_that_a_command_ended(socket, make_user, city):
    mara, tom = make_user("Mara"), make_user("Tom")
    hers, his = socket(mara), socket(tom)
    assert hers.watch("rotterdam")["ok"] and his.watch("rotterdam")["ok"]
    run_sql(
        "UPDATE sessions SET ended_at = :at WHERE user_id = :mara",
        at=clock.now().isoformat(" "),
        mara=mara.id,
    )
    assert closes(hers)
    assert his.is_open


def test_a_moderator_that_a_command_dismissed(socket, make_moderator, city):
    ana, ben = make_moderator(city, "Ana"), make_moderator(city, "Ben")
    hers, his = socket(ana), socket(ben)
    assert hers.watch("rotterdam", queue=True)["ok"] and his.watch("rotterdam", queue=True)["ok"]
    run_sql("DELETE FROM moderators WHERE user_id = :ana", ana=ana.id)
    assert closes(hers)
    assert his.is_open


def test_a_board_that_a_command_closed_to_those_who_only_look(socket, make_user, city):
    member, nobody = socket(make_user("Mara")), socket()
    assert member.watch("rotterdam")["ok"] and nobody.watch("rotterdam")["ok"]
    run_sql("UPDATE cities SET is_public = :no WHERE id = :city", no=False, city=city.id)
    assert closes(nobody)
    assert member.is_open


@pytest.mark.parametrize(
    "by", ["UPDATE screens SET revoked_at = :at WHERE id = :id", "DELETE FROM screens WHERE id = :id"]
)
def test_a_screen_that_another_process_revoked_is_told_and_hears_no_more(socket, make_moderator, city, by):
    ana = make_moderator(city, "Ana")
    made = [make_screen(city, name="", by=ana, at=clock.now()) for _screen in range(2)]
    gone, stays = (watching_screen(socket, token) for _screen, token in made)
    values = {"at": clock.now().isoformat(" ")} if ":at" in by else {}
    run_sql(by, id=made[0][0].id, **values)
    assert closes(gone)
    assert gone.heard("screen") == [{"revoked": True}]
    assert stays.is_open and stays.heard("screen") == []


def watching_screen(socket, token: str):
    """The socket of a TV that shows this link."""
    page = socket()
    assert page.emit("watch", {"screen": token}, namespace=NAMESPACE, callback=True)["ok"]
    return page
