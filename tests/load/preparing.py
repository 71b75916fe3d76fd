"""Fills a fresh data folder for the measurements: both real sets through `flask import-board`, the rest by SQL.

barcelona   the 1,312 proposals and 3,166 comments of Barcelona's action plan of 2016
uberx       vTaiwan's 197 statements with all agreeing votes as upvotes
replay      the same statements without any: this is where the votes are cast again
small       50 ideas of Barcelona, with their comments
large       20,000 ideas: copies of Barcelona's, with their comments
"""

from __future__ import annotations

import csv
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from flask import session
from flask_wtf.csrf import generate_csrf

from app.accounts.actions.links import hash_token
from app.core.config import Settings
from app.factory import create_app
from tests.real import convert_decidim, convert_polis
from tests.real.finding import DECIDIM, POLIS, ROOT, data_set

SECRET = "only-for-measuring-" + "x" * 32
IDEAS = (
    "author_id, on_paper, kind, title, text, excerpt, language, state, status, created_at, comment_count, heat, "
    "version, last_change"
)
COMMENTS = "author_id, text, stance, language, state, created_at, version"


@dataclass(frozen=True)
class Import:
    """What one `flask import-board` took. `seconds` is the whole command, as somebody waits for it."""

    city: str
    seconds: float
    rows: dict[str, int]


@dataclass(frozen=True)
class Upvote:
    """One agreeing vote of the replay: by the voter with this number, for this idea."""

    voter: int
    idea: int


class Prepared:
    """A data folder with all boards."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.settings = {
            "data": data,
            "secret_key": SECRET,
            "rate_limits": False,
            "assets": "local",
            "database_url": f"sqlite:///{data / 'board.sqlite'}",
        }
        self.imports: list[Import] = []

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The board's file itself; committed at the end."""
        with closing(sqlite3.connect(self.data / "board.sqlite", timeout=30)) as connection, connection:
            yield connection

    # --- the real sets ------------------------------------------------------------------------------------------

    def import_real_sets(self) -> None:
        """Convert both sets and import them as an operator would."""
        polis = self._found(POLIS)
        self.import_barcelona()
        source = self.data / "source" / "uberx"
        convert_polis.convert(polis, source)
        taiwan = ["--time-zone", "Asia/Taipei", "--language", "zh-Hant"]
        self._import("uberx", source, ["ideas", "upvotes"], "--make-city", "UberX", *taiwan)

    def import_barcelona(self) -> None:
        """A fresh database with Barcelona's set alone."""
        decidim = self._found(DECIDIM)
        self._flask("db", "upgrade", "--directory", ROOT / "migrations")
        source = self.data / "source" / "barcelona"
        convert_decidim.convert(decidim, source)
        catalonia = ["--time-zone", "Europe/Madrid", "--language", "ca"]
        self._import("barcelona", source, ["ideas", "comments"], "--make-city", "Barcelona", *catalonia)

    @staticmethod
    def _found(name: str) -> Path:
        folder = data_set(name)
        if folder is None:
            raise SystemExit(f"The data set {name} is neither in ../shared/data nor in $CIP_DATA.")
        return folder

    def _import(self, city: str, folder: Path, files: list[str], *options: str) -> None:
        named = [word for name in files for word in (f"--{name}", folder / f"{name}.csv")]
        rows = {name: sum(1 for _ in _rows(folder / f"{name}.csv")) for name in files}
        began = time.monotonic()
        self._flask("import-board", city, *named, *options)
        self.imports.append(Import(city, time.monotonic() - began, rows))

    def _flask(self, *command: object) -> None:
        names = {field.name.upper() for field in fields(Settings)}
        environment = {name: value for name, value in os.environ.items() if name not in names}
        environment |= {"DATA": str(self.data), "SECRET_KEY": SECRET, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, command)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"flask {command[0]} failed:\n{done.stdout}{done.stderr}")

    # --- copies -------------------------------------------------------------------------------------------------

    def copy_board(self, slug: str, ideas: int, *, of: str = "barcelona") -> dict[int, int]:
        """A city with so many ideas of another one, over again where there are not enough, comments and all.

        Upvotes are left behind. Returns the ids of the originals by those of the copies.
        """
        with self.database() as database:
            (origin,) = database.execute("SELECT id FROM cities WHERE slug = ?", (of,)).fetchone()
            city = database.execute(
                "INSERT INTO cities (edition_id, slug, name, position, time_zone, language, seq) "
                "SELECT edition_id, ?, ?, (SELECT max(position) + 1 FROM cities), time_zone, language, 0 "
                "FROM cities WHERE id = ? RETURNING id",
                (slug, slug.capitalize(), origin),
            ).fetchone()[0]
            originals = [
                row[0]
                for row in database.execute("SELECT id FROM ideas WHERE city_id = ? ORDER BY id", (origin,))
            ]
            last = database.execute("SELECT max(id) FROM ideas").fetchone()[0]
            database.execute("CREATE TEMP TABLE copies (old INTEGER, new INTEGER PRIMARY KEY)")
            pairs = [(originals[i % len(originals)], last + 1 + i) for i in range(ideas)]
            database.executemany("INSERT INTO copies VALUES (?, ?)", pairs)
            database.execute(
                f"INSERT INTO ideas (id, city_id, upvote_count, {IDEAS}) "
                f"SELECT new, ?, 0, {IDEAS} FROM copies JOIN ideas ON ideas.id = old ORDER BY new",
                (city,),
            )
            database.execute(
                "INSERT INTO idea_themes (idea_id, theme_id, position) "
                "SELECT new, theme_id, position FROM copies JOIN idea_themes ON idea_id = old"
            )
            database.execute(
                "INSERT INTO idea_words (rowid, words) "
                "SELECT new, words FROM copies JOIN idea_words ON idea_words.rowid = old ORDER BY new"
            )
            self._copy_comments(database)
            database.execute(
                "INSERT OR IGNORE INTO participations (city_id, user_id, since) "
                "SELECT ?, author_id, min(ideas.created_at) FROM ideas WHERE city_id = ? GROUP BY author_id",
                (city, city),
            )
            self._number(database, city)
            database.execute("DROP TABLE copies")
        return {new: old for old, new in pairs}

    @staticmethod
    def _copy_comments(database: sqlite3.Connection) -> None:
        (last,) = database.execute("SELECT coalesce(max(id), 0) FROM comments").fetchone()
        database.execute(
            "CREATE TEMP TABLE copied_comments AS SELECT comments.id AS old, copies.new AS idea, parent_id, "
            "? + row_number() OVER (ORDER BY copies.new, comments.id) AS new "
            "FROM copies JOIN comments ON comments.idea_id = copies.old",
            (last,),
        )
        database.execute("CREATE INDEX temp.of_old ON copied_comments (old, idea)")
        database.execute(
            f"INSERT INTO comments (id, idea_id, parent_id, {COMMENTS}) SELECT copy.new, copy.idea, parent.new, "
            f"{', '.join(f'comments.{name}' for name in COMMENTS.split(', '))} "
            "FROM copied_comments AS copy JOIN comments ON comments.id = copy.old LEFT JOIN copied_comments AS parent "
            "ON parent.old = copy.parent_id AND parent.idea = copy.idea ORDER BY copy.new"
        )
        database.execute("DROP TABLE copied_comments")

    @staticmethod
    def _number(database: sqlite3.Connection, city: int) -> None:
        database.execute(
            "INSERT INTO changes (city_id, number, kind, idea_id, at) "
            "SELECT ?1, row_number() OVER (ORDER BY id), 'idea_posted', id, created_at "
            "FROM ideas WHERE city_id = ?1",
            (city,),
        )
        database.execute(
            "UPDATE ideas SET last_change = "
            "(SELECT number FROM changes WHERE changes.city_id = ?1 AND idea_id = ideas.id) WHERE city_id = ?1",
            (city,),
        )
        database.execute(
            "UPDATE cities SET seq = (SELECT count(*) FROM ideas WHERE city_id = ?1) WHERE id = ?1", (city,)
        )
        database.execute(
            "DELETE FROM changes WHERE city_id = ?1 AND number <= (SELECT seq FROM cities WHERE id = ?1) - 2000",
            (city,),
        )

    # --- people -------------------------------------------------------------------------------------------------

    def voters(self) -> tuple[list[str], list[Upvote], int]:
        """The board `replay`, and all voters of vTaiwan as participants with a session of their own.

        Returns their Cookie headers, the agreeing votes in their order, and how many were left out because
        nobody upvotes their own idea.
        """
        polis = data_set(POLIS)
        assert polis is not None
        names = sorted({row["voter-id"] for row in _rows(polis / "votes.csv")}, key=int)
        cookies = self.participants(len(names))
        number = {name: place for place, name in enumerate(names)}
        with self.database() as database:
            keys = dict(
                database.execute(
                    "SELECT id, import_key FROM ideas WHERE import_key LIKE 'uberx:%'"
                ).fetchall()
            )
        copies = self.copy_board("replay", len(keys), of="uberx")
        ideas = {keys[old].removeprefix("uberx:"): new for new, old in copies.items()}
        source = self.data / "source" / "uberx"
        authors = {row["id"]: row["author"] for row in _rows(source / "ideas.csv")}
        votes = sorted(_rows(source / "upvotes.csv"), key=lambda row: row["created_at"])
        casts = [
            Upvote(number[row["author"]], ideas[row["idea"]])
            for row in votes
            if authors[row["idea"]] != row["author"]
        ]
        return cookies, casts, len(votes) - len(casts)

    def participants(self, how_many: int) -> list[str]:
        """New participants with a session each; returns their Cookie headers."""
        at = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")
        app = create_app(self.settings)
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        with self.database() as database:
            first = database.execute("SELECT coalesce(max(id), 0) + 1 FROM users").fetchone()[0]
            ids = range(first, first + how_many)
            tokens = [secrets.token_urlsafe(32) for _ in ids]
            database.executemany(
                'INSERT INTO users (id, name, email, "group", confirmed_at, is_organiser, origin, created_at, '
                "consented_at) VALUES (?, ?, ?, 'resident', ?, 0, 'registered', ?, ?)",
                [(key, f"Voter {key}", f"voter-{key}@example.org", at, at, at) for key in ids],
            )
            database.executemany(
                "INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES (?, ?, ?, ?)",
                [(hash_token(token), key, at, at) for key, token in zip(ids, tokens, strict=True)],
            )
        name, raw = app.config["SESSION_COOKIE_NAME"], self._csrf[0]
        kept = (
            {"_user_id": token, "_fresh": True, "_permanent": True, "csrf_token": raw} for token in tokens
        )
        return [f"{name}={serializer.dumps(values)}" for values in kept]

    @property
    def csrf_token(self) -> str:
        """Valid in every session that `participants` made: they all hold the same secret."""
        return self._csrf[1]

    @property
    def _csrf(self) -> tuple[str, str]:
        if not hasattr(self, "_made_csrf"):
            with create_app(self.settings).test_request_context():
                token = generate_csrf()
                self._made_csrf = (session["csrf_token"], token)
        return self._made_csrf


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def write_plan(path: Path, **plan: object) -> Path:
    """Write what another process is to do."""
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path
