"""Plain-text mail, sent after the commit by a thread of its own, so that no request waits for a mail server."""

from __future__ import annotations

import queue
import smtplib
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app

from app.core.announce import after, announce
from app.core.config import Settings, settings
from app.core.extensions import db

log = structlog.get_logger(__name__)

_letters: queue.Queue[tuple[Settings, EmailMessage]] = queue.Queue()
_postman: threading.Thread | None = None
_start = threading.Lock()
ON_THIS_MACHINE = "http://127.0.0.1:5000"


class _WholeAddresses(EmailPolicy):
    """As usual, but addresses in `List-…` stay in one piece: folded they would be encoded beyond recognition."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.startswith("List-"):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _WholeAddresses()


@dataclass(frozen=True)
class MailWritten:
    """A letter that is to leave once the transaction it belongs to is committed."""

    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


def address(path: str) -> str:
    """The whole address of a path of ours, for letters that no request asked for.

    Without PUBLIC_URL letters stay on this machine, and so do their links: to where the server says it is open.
    """
    origin = settings().public_url or current_app.extensions.get("open_at", ON_THIS_MACHINE)
    return f"{origin}{path}"


def send(to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
    """Send one letter; inside a unit of work it leaves after the commit, and not at all after a rollback.

    `headers` come on top of the usual ones.
    """
    letter = MailWritten(to, " ".join(subject.split()), text, dict(headers or {}))
    if db.session.info.get("events") is not None:
        announce(letter)
    else:
        post(letter)


@after(MailWritten)
def post(letter: MailWritten) -> None:
    """Give the letter to the postman."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = settings().mail_from
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain="cities-in-progress.invalid")
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    _letters.put((settings(), message))
    _ensure_postman()


def settle() -> None:
    """Wait until every letter so far has been dealt with."""
    _letters.join()


def _ensure_postman() -> None:
    global _postman
    with _start:
        if _postman is None or not _postman.is_alive():
            _postman = threading.Thread(target=_deliver_for_ever, name="mail", daemon=True)
            _postman.start()


def _deliver_for_ever() -> None:
    while True:
        config, message = _letters.get()
        try:
            if config.mail_server:
                _by_smtp(config.mail_server, message)
            else:
                _to_folder(config.data / "mail", message)
        except Exception as error:  # noqa: BLE001  # whatever one letter does, the next ones still leave
            log.error("mail_failed", reason=type(error).__name__)
        finally:
            _letters.task_done()


def _by_smtp(address: str, message: EmailMessage) -> None:
    parts = urlsplit(address)
    secure = parts.scheme == "smtps"
    host, port = parts.hostname or "localhost", parts.port or (465 if secure else 25)
    proof = ssl.create_default_context()
    server: smtplib.SMTP
    server = (
        smtplib.SMTP_SSL(host, port, timeout=20, context=proof)
        if secure
        else smtplib.SMTP(host, port, timeout=20)
    )
    with server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=proof)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _to_folder(folder: Path, message: EmailMessage) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").split("@")[0]
    (folder / f"{name}.eml").write_bytes(bytes(message))
    print(f"\n--- mail to {message['To']}: {message['Subject']}\n{message.get_content()}---", flush=True)
