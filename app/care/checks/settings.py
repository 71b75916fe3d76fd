"""Settings that are allowed and yet hardly meant; what cannot work is refused at the start, see core.setting_rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.care.findings import Finding, fault, fine, warning
from app.core.config import Settings

SECRET_MIN = 32


def look(config: Settings, _at: datetime) -> Iterator[Finding]:
    """Settings against each other, and the key's file."""
    found = [*_reached(config), *_secrets(config), *_open_doors(config)]
    yield from found
    if not found:
        yield fine("settings", "they fit together.")


def _reached(config: Settings) -> Iterator[Finding]:
    is_https = config.public_url.startswith("https://")
    if is_https and not config.https:
        yield fault(
            "settings",
            "PUBLIC_URL says https, HTTPS does not: cookies would go over plain HTTP. Set HTTPS=yes.",
        )
    if config.https and not config.public_url:
        yield warning("settings", "HTTPS without PUBLIC_URL: any host name that leads here is believed.")
    if config.https and not config.proxies:
        yield warning(
            "settings",
            "HTTPS without PROXIES: all visitors seem to come from the proxy's address. Set PROXIES=1.",
        )
    if config.confirm_email and not config.mail_server:
        yield warning(
            "settings", "CONFIRM_EMAIL without MAIL_SERVER: the links are in files of data/mail only."
        )


def _secrets(config: Settings) -> Iterator[Finding]:
    if len(config.secret_key) < SECRET_MIN:
        yield fault(
            "settings", f"SECRET_KEY has fewer than {SECRET_MIN} characters: cookies could be forged."
        )
    key = config.data / "secret-key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield fault("settings", f"{key} can be read by others on this machine: chmod 600.")


def _open_doors(config: Settings) -> Iterator[Finding]:
    if config.development and config.public_url:
        yield fault("settings", "DEVELOPMENT is on at a public address.")
    if not config.rate_limits:
        yield warning("settings", "RATE_LIMITS is off: right for load tests only.")
