"""What others see of somebody, what somebody sees of themselves, and what is left of who has gone."""

from __future__ import annotations

import json

import pytest
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import actions
from app.accounts.events import AccountErased, SessionsEnded
from app.accounts.models import OneTimeLink, Session, User
from app.accounts.policy import can_sign_in, counts_upvotes, may_take_part
from app.accounts.queries import author_view, live_session, own_account_data
from app.core import announce
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work


def test_others_see_name_group_affiliation_and_badge_but_no_address(make_user):
    view = author_view(make_user("Ines", group="city_administration", affiliation="Gemeente", verified=True))

    assert (view.name, view.group_label, view.affiliation, view.is_verified) == (
        "Ines",
        "City administration",
        "Gemeente",
        True,
    )
    assert "example.org" not in repr(view)


def test_the_group_is_named_in_the_language_of_whoever_reads(make_user):
    view = author_view(make_user("Ines"))

    with force_locale("en"):
        assert view.group_label == "Resident"


def test_own_data_is_json_and_holds_neither_password_nor_token(make_user):
    mara = make_user("Mara", email="mara@example.org")
    token = actions.start_session(mara, mara.created_at)

    text = json.dumps(own_account_data(mara))

    assert "mara@example.org" in text
    assert "argon2" not in text
    assert token not in text
    assert len(own_account_data(mara)["sessions"]) == 1


def test_erasing_forgets_the_person_and_ends_every_session(make_user, clock, monkeypatch):
    heard: list[object] = []
    for event in (AccountErased, SessionsEnded):
        monkeypatch.setitem(announce._after, event, [heard.append])
    mara = make_user("Mara", group="company", affiliation="RET", email="mara@example.org", organiser=True)
    tokens = [actions.start_session(mara, clock.now()) for _ in range(2)]
    ids = tuple(db.session.scalars(select(Session.id).order_by(Session.id)))
    actions.ask_for_reset("mara@example.org", clock.now(), lambda token: token)

    actions.erase(mara, clock.now())

    assert (mara.name, mara.email, mara.password_hash, mara.affiliation) == ("", None, None, None)
    assert not mara.is_organiser
    assert mara.group == "company"
    assert all(live_session(token, clock.now()) is None for token in tokens)
    assert db.session.scalars(select(OneTimeLink)).all() == []
    assert {type(event) for event in heard} == {SessionsEnded, AccountErased} and len(heard) == 2
    [ended] = [event for event in heard if isinstance(event, SessionsEnded)]
    assert sorted(ended.session_ids) == list(ids)
    assert author_view(mara).is_erased
    assert not may_take_part(mara, clock.now())
    assert not can_sign_in(mara)


def test_an_erased_address_may_register_again(make_user, clock):
    actions.erase(make_user("Mara", email="mara@example.org"), clock.now())

    again = actions.register(
        "Mara", "mara@example.org", "violet tram on a bridge", "resident", None, None, clock.now()
    )

    assert again.email == "mara@example.org"


def test_pseudonymous_participants_count_but_cannot_sign_in(app, clock):
    voter = actions.add_pseudonymous("Participant 5", clock.now(), origin="imported", import_key="polis:5")

    assert counts_upvotes(voter)
    assert not can_sign_in(voter)
    with pytest.raises(IntegrityError):
        actions.add_pseudonymous("Again", clock.now(), origin="imported", import_key="polis:5")
    with pytest.raises(ValueError, match="imported or sample"):
        actions.add_pseudonymous("Real", clock.now(), origin="registered")


@pytest.mark.parametrize(
    "wrong",
    [
        {"group": "moderator"},
        {"origin": "elsewhere"},
        {"origin": "sample", "password_hash": "$argon2id$x"},
        {"email": "a@example.org", "claimed_email": "b@example.org"},
    ],
)
def test_the_database_itself_refuses_what_cannot_be(app, clock, wrong):
    values = {"name": "X", "group": "resident", "created_at": clock.now(), **wrong}

    with pytest.raises(IntegrityError), unit_of_work():
        db.session.add(User(**values))


def test_signing_in_takes_one_query_to_recognise(app, make_user, clock):
    mara = make_user("Mara")
    token = actions.start_session(mara, clock.now())

    found = live_session(token, clock.now())

    assert found is not None
    assert found[0].id == mara.id
