"""What settings cannot be: each rule says in a sentence which is wrong and what would work."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from app.core.config import Settings

MOST = 1_000_000
SHORTEST_SECRET = 16  # characters
_COUNTS = ("changes_kept", "edit_minutes", "unconfirmed_hours", "reports_to_hold")


def what_is_wrong(config: Settings) -> Iterator[str]:
    """A sentence for each setting that cannot work, in the order of the rules below. Never shows a secret."""
    for rule in (_process, _addresses, _public_url, _mail, _secrets, _numbers):
        yield from rule(config)


def _process(config: Settings) -> Iterator[str]:
    if config.process not in ("all", "web", "live"):
        yield f"PROCESS must be 'all', 'web' or 'live', not {config.process!r}."
    elif config.process != "all" and (config.uses_sqlite or not config.redis_url):
        yield "PROCESS=web and PROCESS=live need DATABASE_URL (PostgreSQL) and REDIS_URL."
    if config.assets not in ("cdn", "local"):
        yield f"ASSETS must be 'cdn' or 'local', not {config.assets!r}."


def _addresses(config: Settings) -> Iterator[str]:
    if config.database_url:
        try:
            known = make_url(config.database_url).get_backend_name() in ("postgresql", "postgres", "sqlite")
        except (ArgumentError, ValueError):
            known = False
        if not known:
            yield "DATABASE_URL must look like postgresql://user:password@host/name or sqlite:////folder/file."
    if config.redis_url:
        parts = _split(config.redis_url)
        where = parts and (parts.path if parts.scheme == "unix" else parts.hostname)
        if parts is None or parts.scheme not in ("redis", "rediss", "unix") or not where:
            yield "REDIS_URL must look like redis://host:6379/0, rediss://… or unix:///folder/socket."


def _public_url(config: Settings) -> Iterator[str]:
    if not config.public_url:
        return
    parts = _split(config.public_url)
    more = parts and (parts.path not in ("", "/") or parts.query or parts.fragment or parts.username)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or more:
        yield "PUBLIC_URL must look like https://cities.example, without a path."
    elif config.https and parts.scheme == "http":
        yield "PUBLIC_URL must begin with https:// where HTTPS is yes: browsers send no secure cookie over http://."


def _mail(config: Settings) -> Iterator[str]:
    if config.mail_server:
        parts = _split(config.mail_server)
        if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            yield "MAIL_SERVER must look like smtp://user:password@host:587."
        if not config.public_url:
            yield "PUBLIC_URL is needed with MAIL_SERVER: links in mail are made from it."
    local, at, domain = parseaddr(config.mail_from)[1].rpartition("@")
    if not (local and at and domain):
        yield f"MAIL_FROM must look like Cities <board@cities.example>, not {config.mail_from!r}."


def _secrets(config: Settings) -> Iterator[str]:
    for name in ("secret_key", "metrics_token"):
        value = getattr(config, name)
        if value and len(value) < SHORTEST_SECRET:
            yield f"{name.upper()} must have at least {SHORTEST_SECRET} characters: it could be guessed."


def _numbers(config: Settings) -> Iterator[str]:
    for name in _COUNTS:
        if not 1 <= getattr(config, name) <= MOST:
            yield f"{name.upper()} must be at least 1 and at most {MOST:,}."
    if not 0 <= config.proxies <= 10:
        yield "PROXIES must be between 0 and 10: how many proxies stand in front."


def _split(address: str) -> SplitResult | None:
    """Its parts, where it can be read as an address with a port that exists."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts
