"""Every setting, typed, with its meaning. Read from the environment once, at start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "nl": "Nederlands", "zh": "简体中文"}


class WrongSetting(ValueError):
    """A setting has a value that cannot work; the message says which, and what would."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may decide. The environment variable is the field's name in capitals."""

    data: Path = Path("data")
    """Folder of the embedded database, the secret key and the mail written to files."""
    database_url: str = ""
    """SQLAlchemy address; empty: a SQLite file in `data`."""
    redis_url: str = ""
    """Redis for the socket's message queue and the rate limits; empty: memory of this process."""
    process: str = "all"
    """`all`: pages and sockets in one process; `web`: pages only; `live`: sockets only. The last two need
    PostgreSQL and Redis."""
    public_url: str = ""
    """The address people type, `https://cities.example`; empty: as the request names it."""
    secret_key: str = ""
    """Signs cookies; empty: made at the first start and kept in `data/secret-key`."""
    https: bool = False
    """Served over HTTPS: `Secure` and `__Host-` cookies, HSTS."""
    proxies: int = 0
    """How many proxies in front add `X-Forwarded-*` headers that may be believed."""
    assets: str = "cdn"
    """`cdn`: htmx and the socket client from the CDN, local copies as a fallback. `local`: local only."""
    mail_server: str = ""
    """`smtp://user:password@host:587` or `smtps://…:465`; empty: files in `data/mail` and the console."""
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
    """Whoever sends `Authorization: Bearer <this>` may read `/metrics`; empty: nobody."""
    pg_dump: str = ""
    """The programme `pg_dump` for backups of PostgreSQL, with `pg_restore` beside it; empty: those on the PATH."""
    rate_limits: bool = True
    """Off only for load tests on loopback."""

    def __post_init__(self) -> None:
        if self.process not in ("all", "web", "live"):
            raise WrongSetting(f"PROCESS must be 'all', 'web' or 'live', not {self.process!r}.")
        if self.process != "all" and (self.uses_sqlite or not self.redis_url):
            raise WrongSetting("PROCESS=web and PROCESS=live need DATABASE_URL (PostgreSQL) and REDIS_URL.")
        if self.assets not in ("cdn", "local"):
            raise WrongSetting(f"ASSETS must be 'cdn' or 'local', not {self.assets!r}.")
        if self.mail_server:
            scheme = urlsplit(self.mail_server).scheme
            if scheme not in ("smtp", "smtps"):
                raise WrongSetting("MAIL_SERVER must look like smtp://user:password@host:587.")
            if not self.public_url:
                raise WrongSetting("PUBLIC_URL is needed with MAIL_SERVER: links in mail are made from it.")
        if self.public_url:
            parts = urlsplit(self.public_url)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
                raise WrongSetting("PUBLIC_URL must look like https://cities.example, without a path.")
            object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        if self.database_url.startswith("postgres"):
            rest = self.database_url.split("://", 1)[1]
            object.__setattr__(self, "database_url", f"postgresql+psycopg://{rest}")
        for name in ("changes_kept", "edit_minutes", "unconfirmed_hours", "reports_to_hold"):
            if getattr(self, name) < 1:
                raise WrongSetting(f"{name.upper()} must be at least 1.")

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
        values["secret_key"] = _kept_secret(values["data"] / "secret-key")
    return Settings(**values)


def _kept_secret(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def settings() -> Settings:
    """The settings of the application at work."""
    found: Settings = current_app.extensions["settings"]
    return found
