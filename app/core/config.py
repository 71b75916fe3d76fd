"""Every setting, typed, with its meaning. Read from the environment once, at start."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from flask import current_app

from app.core.setting_rules import what_is_wrong

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "nl": "Nederlands", "zh": "简体中文"}


class WrongSetting(ValueError):
    """A setting has a value that cannot work; the message says which, and what would."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may decide. The environment variable is the field's name in capitals."""

    data: Path = Path("data")
    """Folder of the embedded database, the secret key and the mail written to files."""
    database_url: str = ""
    """`postgresql://user:password@host/name`; empty: a SQLite file in `data`."""
    redis_url: str = ""
    """Redis between the processes, and for the rate limits; empty: memory of this process."""
    process: str = "all"
    """`all`: pages and sockets in one process; `web`: pages only; `live`: sockets only, in both cases with
    PostgreSQL and Redis."""
    public_url: str = ""
    """The address people type, `https://cities.example`; empty: as the request names it."""
    secret_key: str = ""
    """Signs cookies, at least 16 characters; empty: made at the first start and kept in `data/secret-key`."""
    https: bool = False
    """Served over HTTPS: `Secure` and `__Host-` cookies, HSTS."""
    proxies: int = 0
    """How many proxies in front add `X-Forwarded-*` headers that may be believed."""
    assets: str = "cdn"
    """`cdn`: htmx and the socket client from the CDN, local copies as a fallback. `local`: local only."""
    mail_server: str = ""
    """`smtp://user:password@host:587` or `smtps://…:465`; empty: files in `mail` in `data` and the console."""
    mail_from: str = "Cities in Progress <board@localhost>"
    """Sender of all mail."""
    confirm_email: bool = False
    """People must confirm their e-mail address. Default: yes where a mail server is set, else no."""
    development: bool = False
    """Shows `/style`, reloads assets. Never in public."""
    changes_kept: int = 2000
    """How many numbered changes a board keeps for pages that catch up."""
    edit_minutes: int = 15
    """How long authors may edit or withdraw what they posted."""
    unconfirmed_hours: int = 24
    """How long an account may post before its e-mail is confirmed."""
    reports_to_hold: int = 5
    """So many reports of an item within an hour hold it until a moderator looks; see docs/moderation.md."""
    metrics_token: str = ""
    """Whoever sends `Authorization: Bearer <this>`, 16 characters or more, may read `/metrics`; empty: nobody."""
    pg_dump: str = ""
    """The programme `pg_dump` for backups of PostgreSQL, with `pg_restore` beside it; empty: those on the PATH."""
    rate_limits: bool = True
    """Off only for load tests on loopback."""

    def __post_init__(self) -> None:
        for sentence in what_is_wrong(self):
            raise WrongSetting(sentence)
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        if self.database_url.startswith("postgres"):
            rest = self.database_url.split("://", 1)[1]
            object.__setattr__(self, "database_url", f"postgresql+psycopg://{rest}")

    @property
    def uses_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return not self.database_url or self.database_url.startswith("sqlite")


def _as(kind: Any, name: str, raw: str) -> Any:
    if kind == "bool":
        if raw.lower() in ("1", "true", "yes", "on"):
            return True
        if raw.lower() in ("0", "false", "no", "off", ""):
            return False
        raise WrongSetting(f"{name} must be yes or no, not {raw!r}.")
    if kind == "int":
        try:
            return int(raw)
        except ValueError:
            raise WrongSetting(f"{name} must be a whole number, not {raw!r}.") from None
    return Path(raw) if kind == "Path" else raw


def read_settings(
    overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Settings from the environment, `overrides` (field names) first.

    Raises WrongSetting with a sentence for an operator; OSError where `data` cannot be written.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for field in fields(Settings):
        raw = environ.get(field.name.upper())
        if raw is not None and raw.strip():
            values[field.name] = _as(field.type, field.name.upper(), raw.strip())
    values.update(overrides or {})
    values.setdefault("confirm_email", bool(values.get("mail_server")))
    values["data"] = Path(values.get("data", Settings.data)).absolute()
    values["data"].mkdir(parents=True, exist_ok=True)
    if not values.get("database_url"):
        values["database_url"] = f"sqlite:///{values['data'] / 'board.sqlite'}"
    if not values.get("secret_key"):
        if values.get("process", "all") in ("web", "live"):
            raise WrongSetting("PROCESS=web and PROCESS=live need SECRET_KEY, the same for every process.")
        values["secret_key"] = _kept_secret(values["data"] / "secret-key")
    return Settings(**values)


def _kept_secret(path: Path) -> str:
    """The secret in this file, made if there is none. Processes that start together agree on one."""
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(draft, path)  # whole or not at all: nobody reads a file half written
        finally:
            Path(draft).unlink()
    kept = path.read_text().strip()
    if not kept:
        raise WrongSetting(f"The file {path} is empty. Remove it; a new key signs everybody out.")
    return kept


def settings() -> Settings:
    """The settings of the application at work."""
    found: Settings = current_app.extensions["settings"]
    return found
