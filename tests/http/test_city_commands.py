"""What an operator says of a city and its workshops on the command line, and what visitors then see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def run(app):
    """Run a command; returns its exit code and what it printed."""

    def run(*words):
        result = app.test_cli_runner().invoke(args=list(words))
        return result.exit_code, result.output

    return run


def test_dates_and_partner_of_a_city_stand_on_the_home_page(run, client):
    code, said = run("set-city", "rotterdam", "--partner", "The Harbour School", "--starts-on", "2026-09-12",
                     "--ends-on", "2026-09-14")  # fmt: skip
    assert (code, said) == (0, "/rotterdam is up to date.\n")
    page = client.get("/").get_data(as_text=True)
    assert "The Harbour School" in page
    assert "Sep 12" in page and "2026" in page


def test_an_empty_partner_takes_it_back(run, client):
    run("set-city", "rotterdam", "--partner", "The Harbour School")
    run("set-city", "rotterdam", "--partner", "")
    assert "The Harbour School" not in client.get("/").get_data(as_text=True)


def test_a_city_cannot_end_before_it_starts(run):
    code, said = run("set-city", "berlin", "--starts-on", "2026-09-12", "--ends-on", "2026-09-11")
    assert code == 1
    assert "end on or after" in said


def test_while_a_workshop_runs_ideas_can_be_posted_from_it(run, clock, signed_in, make_user):
    # noon UTC is two in the afternoon in Rotterdam
    code, _said = run(
        "set-workshop", "rotterdam", "1", "--starts-at", "2026-09-14T13:00", "--ends-at", "2026-09-14T15:00"
    )
    assert code == 0
    mara = signed_in(make_user("Mara"))
    assert "Workshop 1" in mara.get("/rotterdam/ideas/new").get_data(as_text=True)
    clock.freeze(datetime(2026, 9, 14, 13, 1, tzinfo=UTC))
    page = mara.get("/rotterdam/ideas/new").get_data(as_text=True)
    assert 'name="workshop"' not in page


def test_a_workshop_cannot_end_before_it_starts(run):
    run("set-workshop", "rotterdam", "1", "--starts-at", "2026-09-14T13:00")
    code, said = run("set-workshop", "rotterdam", "1", "--ends-at", "2026-09-14T12:00")
    assert (code, "ends after it starts" in said) == (1, True)


@pytest.mark.parametrize("command", [("set-city", "atlantis"), ("set-workshop", "atlantis", "1")])
def test_a_city_nobody_knows_is_said_to_be_unknown(run, command):
    code, said = run(*command)
    assert (code, "no city at /atlantis" in said) == (1, True)


@pytest.mark.settings(public_url="https://cities.example")
def test_a_foreign_host_name_gets_no_page_made_for_it(client):
    answer = client.get("/", base_url="http://evil.example")
    assert answer.status_code == 400
    assert client.get("/", base_url="https://cities.example").status_code == 200
    assert client.get("/healthz", base_url="http://127.0.0.1:5000").status_code == 200
