"""The doctor: finds what is wrong and nothing else, and puts right what is counted wrongly."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from app.care import repairing
from app.care.checks import settings as settings_check
from app.care.checks.sqlite import other_processes, resets_safely
from app.care.examining import CHECKS, examine
from app.cities.models import Change
from app.core import clock
from app.core.config import settings
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.moderation.actions.merging import merge_ideas
from tests.boards import at_once, database_kind, numbers_of, post, rows, run_sql, say
from tests.keeping import call, done, faults

NOBODY_THERE = "redis://127.0.0.1:1/0"
on_sqlite = pytest.mark.skipif("os.environ.get('TEST_DATABASE_URL')", reason="SQLite only")


@pytest.fixture
def idea(city, make_user):
    """An idea with two comments and three upvotes; another has been merged into it."""
    jan, at = make_user("Jan"), clock.now()
    idea, twin = post(city, jan), post(city, make_user("Li"), "A bicycle lane on Coolsingel")
    say(idea, make_user("Ana"))
    say(twin, make_user("Tim"))
    for name in ("Mara", "Noor"):
        upvote(idea, by=make_user(name), at=at)
    upvote(twin, by=make_user("Sem"), at=at)
    merge_ideas(twin, into=idea, by=None, at=at)
    assert (idea.upvote_count, idea.comment_count) == (3, 2)
    return idea


def test_a_sound_board_is_found_sound(app, idea):
    assert faults() == []
    said = call(app, "doctor").output
    for about in ("migrations", "tables", "search", "counters", "changes", "disk"):
        assert re.search(rf"^fine +{about}: ", said, re.MULTILINE), about


def test_the_sample_content_is_sound(app):
    done(app, "load-sample")
    assert faults() == []
    assert done(app, "doctor", "--repair") if database_kind() == "sqlite" else True
    assert rows(Change, kind="idea_moderated") == 0, "nothing was repaired"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("upvote_count", 9, "says 9 upvotes, not 3"),
        ("comment_count", 0, "says 0 comments, not 2"),
        ("paper_upvotes", 4, "says 4 upvotes on paper, not 0"),
        ("heat", 1.5, "trends by 1.5"),
    ],
)
def test_a_wrong_counter_is_named_and_counted_anew(app, idea, socket, settle, column, value, words):
    settle()  # that the idea was posted is said
    page = socket()
    page.watch("rotterdam")
    right, number, version = getattr(idea, column), idea.last_change, idea.version
    run_sql(f"UPDATE ideas SET {column} = :value WHERE id = :id", value=value, id=idea.id)
    result = call(app, "doctor")
    assert result.exit_code == 1 and f"idea {idea.id} {words}" in result.output
    assert "doctor --repair" in result.output
    assert "Counted 1 ideas anew." in call(app, "doctor", "--repair").output
    settle()
    db.session.refresh(idea)
    assert getattr(idea, column) == pytest.approx(right) and faults() == []
    assert (idea.last_change, idea.version) == (number + 1, version + 1)
    [change] = page.heard("change")
    assert (change["seq"], change["idea"]) == (number + 1, idea.id)
    # figures that change a moment later come in a message of their own, without counts
    assert [told["counts"] for told in page.heard("counts") if told["counts"]] == [{str(idea.id): 3}]


def test_a_hidden_idea_is_counted_anew_without_anybody_hearing_of_it(app, idea, socket, settle):
    settle()
    run_sql("UPDATE ideas SET state = 'hidden', upvote_count = 8 WHERE id = :id", id=idea.id)
    page = socket()
    page.watch("rotterdam")
    done_or_faults(app)
    settle()
    db.session.refresh(idea)
    assert idea.upvote_count == 3 and page.heard("change") == []


def done_or_faults(app) -> str:
    """Repair; on the tests' PostgreSQL the doctor goes on to complain of a server that may lose writes."""
    result = call(app, "doctor", "--repair")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.output


def test_what_is_right_is_not_touched_and_repairing_twice_does_nothing(app, idea):
    assert "anew" not in done_or_faults(app)
    run_sql("UPDATE ideas SET upvote_count = 0")
    assert "Counted 2 ideas anew." in done_or_faults(app)
    assert "anew" not in done_or_faults(app)


def test_a_repair_is_done_whole_or_not_at_all(app, idea, monkeypatch):
    run_sql("UPDATE ideas SET upvote_count = 0 WHERE id = :id", id=idea.id)
    run_sql("DELETE FROM idea_words")

    def fail(*_ideas):
        raise OSError("no room")

    monkeypatch.setattr(repairing, "index_ideas", fail)
    assert call(app, "doctor", "--repair").exit_code == 1
    db.session.refresh(idea)
    assert idea.upvote_count == 0


def test_people_may_upvote_while_the_doctor_looks_and_counts(app, idea, make_user):
    people = [make_user(f"Voter {number}") for number in range(6)]
    run_sql("UPDATE ideas SET upvote_count = 50 WHERE id = :id", id=idea.id)
    at, idea_id = clock.now(), idea.id

    def vote(user_id):
        return lambda: upvote(
            db.session.get_one(Idea, idea_id), by=db.session.get_one(type(people[0]), user_id), at=at
        )

    results = at_once(app, lambda: repairing.repair(at), *[vote(person.id) for person in people])
    assert not [one for one in results if isinstance(one, Exception)], results
    db.session.refresh(idea)
    assert idea.upvote_count == 9 and faults() == []


@pytest.mark.parametrize(
    ("damage", "words", "since", "answer"),
    [
        ("DELETE FROM changes WHERE city_id = :city AND number = 3", "lacks changes before 4", 1, "reload"),
        ("UPDATE cities SET seq = 2 WHERE id = :city", "is at 2, and has changes up to 7", 5, "changes"),
        ("DELETE FROM changes WHERE city_id = :city AND number > 5", "has changes up to 5 only", 5, "reload"),
    ],
)
def test_numbers_out_of_order_are_found_and_pages_that_cannot_know_load_afresh(
    app, city, idea, client, damage, words, since, answer
):
    newest = numbers_of(city)[-1]
    assert newest == 7
    run_sql(damage, city=city.id)
    assert words in "\n".join(faults("changes"))
    done_or_faults(app)
    assert faults() == []
    assert answer in client.get_json(f"/rotterdam/changes?since={since}")
    post(city, idea.author, "Numbers go on where they were")
    assert numbers_of(city)[-1] == newest + 1 and faults() == []


def test_an_idea_that_remembers_a_wrong_change_is_found(app, city, idea):
    right = idea.last_change
    run_sql("UPDATE ideas SET last_change = 1 WHERE id = :id", id=idea.id)
    assert faults("changes") == ["1 ideas remember a wrong last change."]
    done_or_faults(app)
    db.session.refresh(idea)
    assert idea.last_change == right and faults() == []


def test_ideas_that_cannot_be_found_by_their_words_are(app, idea, client):
    run_sql("DELETE FROM idea_words")
    assert faults("search") == ["2 ideas cannot be found by their words."]
    assert "Bike lane" not in client.get("/rotterdam?q=coolsingel").get_data(as_text=True)
    assert "2 ideas can be found" in done_or_faults(app)
    assert "Bike lane" in client.get("/rotterdam?q=coolsingel").get_data(as_text=True)


def test_a_lacking_index_is_named_with_what_makes_it(app):
    run_sql("DROP INDEX ix_ideas_top")
    [said] = faults("tables")
    made = re.search(r"make it with: (.*);$", said)
    assert made and "ix_ideas_top" in said
    run_sql(made[1])
    assert faults() == []


def test_a_database_of_another_version_is_named(app):
    run_sql("UPDATE alembic_version SET version_num = '0004'")
    [said] = faults("migrations")
    assert "db upgrade" in said
    run_sql("UPDATE alembic_version SET version_num = '9999'")
    [said] = faults("migrations")
    assert "does not know" in said


def test_redis_away_is_a_fault_and_stops_no_other_check(app):
    found = {one.about: one for one in examine(replace(settings(), redis_url=NOBODY_THERE), clock.now())}
    assert found["Redis"].level == "fault" and "does not answer" in found["Redis"].says
    assert found["changes"].level == "fine"


def test_redis_that_answers_is_fine(app, redis_url):
    config = replace(settings(), redis_url=redis_url)
    [found] = [one for one in examine(config, clock.now()) if one.about == "Redis"]
    assert "answers within" in found.says and found.level != "fault"


def test_old_backups_are_pointed_out(app, clock):
    assert {one.level for one in examine(settings(), clock.now()) if one.about == "backups"} == {"warning"}
    folder = settings().data / "backups"
    folder.mkdir()
    (folder / "board-20260914-110000Z.sqlite").write_bytes(b"")
    assert {one.level for one in examine(settings(), clock.now()) if one.about == "backups"} == {"fine"}
    clock.advance(3 * 24 * 3600)
    assert {one.level for one in examine(settings(), clock.now()) if one.about == "backups"} == {"warning"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"public_url": "https://cities.example"}, "HTTPS=yes"),
        ({"https": True}, "PROXIES"),
        ({"secret_key": "only-20-letters-long"}, "forged"),
        ({"development": True, "public_url": "http://cities.example"}, "DEVELOPMENT"),
        ({"rate_limits": False}, "RATE_LIMITS"),
        ({"confirm_email": True}, "MAIL_SERVER"),
    ],
)
def test_settings_that_are_hardly_meant_are_said(app, values, words):
    config = replace(settings(), rate_limits=True)
    assert [one.level for one in settings_check.look(config, clock.now())] == ["fine"]
    found = list(settings_check.look(replace(config, **values), clock.now()))
    assert any(words in one.says for one in found) and not any(one.level == "fine" for one in found)


def test_a_key_that_others_can_read_is_said(app):
    key = settings().data / "secret-key"
    key.write_text("x" * 40)
    key.chmod(0o644)
    assert "chmod 600" in faults("settings")[0]


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 0), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_which_sqlite_starts_its_log_anew_safely(version, is_safe):
    assert resets_safely(version) is is_safe


@on_sqlite
def test_several_processes_on_a_sqlite_with_the_trap_are_a_fault(app, monkeypatch):
    file = settings().data / "board.sqlite"
    hold = "import sys; held = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(file)]
    holders = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for holder in holders:
            holder.stdout.readline()
        if other_processes(file) is None:
            pytest.skip("this system does not say who has a file open")
        assert other_processes(file) == sorted(holder.pid for holder in holders)
        monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 2))
        assert any("run one only" in says for says in trap(app))
        monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 3))
        assert not trap(app)
    finally:
        for holder in holders:
            holder.communicate()
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 2))
    assert not trap(app), "alone it is safe"


def trap(app) -> list[str]:
    return [
        one.says
        for one in examine(settings(), clock.now())
        if one.level == "fault" and "SQLite 3" in one.about
    ]


@on_sqlite
def test_a_damaged_file_is_found(app, idea):
    page = db.session.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'ix_ideas_top'")).scalar()
    db.session.remove()
    db.engine.dispose()  # the last one who closes the file brings the log into it
    with (settings().data / "board.sqlite").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert any("damaged" in says for says in faults("SQLite"))
    db.engine.dispose()


def test_every_check_reads_and_none_writes(app, idea):
    written: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        if re.match(r"\s*(INSERT|UPDATE|DELETE|ALTER|CREATE|DROP)", statement, re.IGNORECASE):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    found = {one.about for one in examine(settings(), clock.now())}
    event.remove(db.engine, "before_cursor_execute", note)
    assert not written
    assert {"migrations", "tables", "search", "counters", "changes"} <= found and len(CHECKS) == 11
