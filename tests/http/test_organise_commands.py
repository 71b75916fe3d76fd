"""Whatever an organiser does on a page can be done on the command line, with the same sentences."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cities.models import Edition, Moderator, Theme, Workshop
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.moderation.models import Act, Reason
from tests.boards import post
from tests.clients import apart
from tests.servers import ROOT

NAMES = ("--en", "Night", "--de", "Nacht", "--fr", "Nuit", "--nl", "Nacht", "--zh", "夜间")


@pytest.fixture
def run(app):
    """Run a command; returns its exit code and what it printed, in one text."""

    def run(*words):
        result = apart(app.test_cli_runner().invoke, args=[str(word) for word in words])
        return result.exit_code, result.output

    return run


def test_editions(run):
    year = db.session.scalar(select(Edition.year))
    assert run("make-edition", "2031", "--motto", "Cities on Foot") == (0, "There is an edition of 2031.\n")
    assert run("make-edition", "2031", "--motto", "Again")[0] == 1
    run("set-edition", "2031", "--motto", "Cities Afoot", "--current")
    assert "2031  Cities Afoot  (current)" in run("list-editions")[1]
    code, said = run("set-edition", "1999", "--current")
    assert code == 1 and f"There is no edition of 1999 (there are: {year}, 2031)." in said
    code, _said = run(
        "make-city", "gouda", "--name", "Gouda", "--time-zone", "Europe/Amsterdam", "--language", "nl",
        "--edition", year,
    )  # fmt: skip
    assert code == 0
    assert re.search(rf"{year}  6  /gouda  Gouda  Europe/Amsterdam  nl", run("list-cities")[1])


def test_everything_that_is_said_of_a_city(run, city):
    code, said = run(
        "set-city", "rotterdam", "--name", "Rotterdam Zuid", "--time-zone", "Europe/Paris", "--language", "fr",
        "--more-languages", "ca, nl", "--position", "1", "--posting", "paused", "--moderation", "before",
        "--members-only", "--source", "A survey", "--source-url", "https://data.example",
    )  # fmt: skip
    assert (code, said) == (0, "/rotterdam is up to date.\n")
    db.session.refresh(city)
    assert (city.name, city.time_zone, city.language, city.more_languages, city.position) == (
        "Rotterdam Zuid", "Europe/Paris", "fr", "ca,nl", 1
    )  # fmt: skip
    assert (city.posting_is_open, city.moderation, city.is_public) == (False, "before", False)
    act = db.session.scalar(select(Act))
    assert (act.kind, act.role, act.by_id) == ("settings", "organiser", None)
    run("set-city", "rotterdam", "--posting", "open", "--public")
    db.session.refresh(city)
    assert (city.posting_is_open, city.moderation, city.is_public) == (True, "before", True)
    code, said = run("set-city", "rotterdam", "--time-zone", "Europe/Gouda")
    assert code == 1 and "is no time zone" in said


def test_a_workshop_is_removed_unless_an_idea_came_from_it(run, city, make_user):
    workshop = db.session.scalar(select(Workshop).where(Workshop.city_id == city.id, Workshop.number == 1))
    post(city, make_user("Mara"), workshop=workshop)
    assert run("remove-workshop", "rotterdam", "1")[0] == 1
    assert run("remove-workshop", "rotterdam", "2") == (0, "Workshop 2 of /rotterdam is removed.\n")
    code, said = run("remove-workshop", "rotterdam", "2")
    assert code == 1 and "/rotterdam has no workshop 2." in said


def test_moderators(run, make_user):
    ana = make_user("Ana", email="ana@example.org")
    make_user("Lena", email="lena@example.org", confirmed=False)
    assert run("appoint-moderator", "rotterdam", "Ana@example.org") == (0, "Ana moderates /rotterdam.\n")
    assert "already" in run("appoint-moderator", "rotterdam", ana.id)[1]
    told = run("list-moderators", "rotterdam")[1]
    assert told.endswith(f"/rotterdam  {ana.id}  Ana  ana@example.org\n") and "participants_searched" in told
    assert "Ana" not in run("list-moderators", "berlin")[1]
    code, said = run("appoint-moderator", "rotterdam", "lena@example.org")
    assert code == 1 and "Nobody has confirmed the address lena@example.org." in said
    assert run("appoint-moderator", "rotterdam", "999")[0] == 1
    assert run("remove-moderator", "rotterdam", ana.id) == (0, "Ana no longer moderates /rotterdam.\n")
    assert db.session.scalar(select(Moderator)) is None


def test_people_are_found_and_the_search_is_noted(run, make_user, city, capsys):
    mara = make_user("Mara", group="company", affiliation="RET", email="mara@harbour.example")
    tom = make_user("Tom")
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    capsys.readouterr()
    said = run("find-participant", "harbour")[1]
    assert f"{mara.id}  Mara  mara@harbour.example  company  RET (not verified)  on Rotterdam" in said
    assert "Nobody." in run("find-participant", "xyz")[1]
    assert f"{tom.id}  Tom  Resident" in run("list-upvoters", idea.id)[1]
    assert run("list-upvoters", "9999")[0] == 1
    assert "Mara" in run("list-affiliations")[1]


def test_affiliations_are_decided(run, make_user, city):
    mara = make_user("Mara", group="company", affiliation="RET", email="mara@example.org")
    post(city, mara)
    assert run("verify", "mara@example.org") == (0, "Mara is verified: RET.\n")
    code, said = run("verify", mara.id)
    assert code == 1 and "verified already" in said
    assert run("unverify", mara.id, "--city", "rotterdam") == (0, "Mara is not verified.\n")
    assert "Mara" in run("list-affiliations", "--denied")[1]
    acts = db.session.scalars(select(Act).order_by(Act.id)).all()
    assert [(act.kind, act.role, act.by_id) for act in acts] == [
        ("verify", "organiser", None),
        ("unverify", "organiser", None),
    ]


def test_the_letter_has_left_when_the_command_ends(run, make_user, city, clock, app):
    mara = make_user("Mara")
    post(city, mara)
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    run("ban", mara.id, "--until", day, "--reason", db.session.scalar(select(Reason.id)))
    assert len(list((app.extensions["settings"].data / "mail").glob("*.eml"))) == 1


def test_somebody_is_banned_and_let_in_again(run, make_user, city, clock):
    mara = make_user("Mara")
    post(city, mara)
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    reason = db.session.scalar(select(Reason.id))
    code, said = run("ban", mara.id, "--until", day, "--reason", reason, "--sentence", "Again and again.")
    assert code == 0 and f"Mara is banned until the end of {day}." in said
    assert "banned until" in run("find-participant", "Mara")[1]
    assert run("ban", mara.id, "--until", "2020-01-01", "--reason", reason)[0] == 1
    assert run("ban", mara.id, "--until", day, "--reason", "999")[0] == 1
    assert run("lift-ban", mara.id) == (0, "The ban of Mara is lifted.\n")
    code, said = run("lift-ban", mara.id)
    assert code == 1 and "There is no ban any more." in said


def test_themes(run, city):
    assert run("set-theme", *NAMES, "--position", "1") == (0, "The theme night is up to date.\n")
    run("set-theme", "night", "--en", "After dark")
    run("retire-theme", "night")
    assert run("list-themes")[1].splitlines()[0] == "night  After dark  (retired)"
    run("retire-theme", "night", "--bring-back")
    assert not db.session.scalar(select(Theme.is_retired).where(Theme.key == "night"))
    code, said = run("set-theme", "--en", "Only English")
    assert code == 1 and "Write the name in Deutsch" in said
    assert run("retire-theme", "nonsense")[0] == 1


def test_reasons(run):
    number = re.search(r"\d+", run("set-reason", *NAMES)[1]).group()
    run("set-reason", number, "--en", "After dark", "--move", "up")
    run("retire-reason", number)
    assert f"{number}  After dark  (retired)" == run("list-reasons")[1].splitlines()[-2]
    run("retire-reason", number, "--bring-back")
    assert "(retired)" not in run("list-reasons")[1]
    assert run("set-reason", "999", "--en", "x")[0] == 1


def test_every_command_is_in_the_documentation(app):
    told = (ROOT / "docs" / "organising.md").read_text(encoding="utf-8")
    flasks_own = {"run", "shell", "routes", "db", "limiter"}
    assert {name for name in app.cli.commands if f"`{name}`" not in told} <= flasks_own


def test_commands_do_not_log_names(run, make_user, capsys):
    make_user("Mara", email="mara@harbour.example")
    capsys.readouterr()
    run("find-participant", "harbour")
    for line in capsys.readouterr().err.splitlines():
        assert "harbour" not in json.dumps(json.loads(line))
