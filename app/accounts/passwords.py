"""Passwords: kept as argon2id hashes; refused if short, or among the first that attackers try."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 1000
"""Longer ones are refused, so that nobody makes the server hash megabytes."""

_COMMON = Path(__file__).with_name("common_passwords.txt")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
    "wxcvbn",
)
_STEPS = {row[i : i + 2] for row in _ROWS for i in range(len(row) - 1)}
_OUR_WORDS = ("cities", "progress", "mobility", "password", "passwort", "wachtwoord", "motdepasse")

hasher = PasswordHasher()
"""argon2id with the second set of parameters of RFC 9106: 64 MiB, 3 passes, about 0.1 s."""

AT_ONCE = 4
"""A room that registers in the same minute must not take 64 MiB each at once: a few hash, the others wait."""
_turns = threading.BoundedSemaphore(AT_ONCE)


def _normal(password: str) -> str:
    # The same keys are the same password on every device: composed or decomposed accents, wide digits.
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The argon2id hash to store for `password`."""
    with _turns:
        return hasher.hash(_normal(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to `password_hash`.

    Without a hash the work is done all the same, on a hash nobody has the password of, and the answer is
    no: how long it takes does not tell whether there is an account.
    """
    try:
        with _turns:
            found = hasher.verify(password_hash or _nobodys_hash(hasher), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return found and password_hash is not None


@lru_cache(maxsize=4)
def _nobodys_hash(with_hasher: PasswordHasher) -> str:
    return with_hasher.hash("nobody's password \N{EM DASH} and never anybody's")


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(password_hash)


def is_too_easy(password: str, about: Iterable[str | None] = ()) -> bool:
    """Whether `password` is among the first that attackers try.

    That is: one of the common passwords of ten or more characters (`common_passwords.txt`); two or three
    different characters; a repeat ("abcabcabcabc"); made of runs of four or more in the alphabet, the
    digits or a keyboard row ("asdfgh12345"); or little more than words from `about` (the person's name,
    e-mail, affiliation) or the product's.
    """
    word = _normal(password).casefold()
    if word in _common() or len(set(word)) <= 3 or word in (word + word)[1:-1]:
        return True
    return _is_made_of_runs(word) or _says_who(word, about)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_made_of_runs(word: str) -> bool:
    runs: list[int] = []
    direction = ""
    for before, after in zip(" " + word, word, strict=False):
        now = "up" if before + after in _STEPS else "down" if after + before in _STEPS else ""
        if now and (now == direction or runs[-1] == 1):
            runs[-1] += 1
        else:
            runs.append(1)
        direction = now
    return min(runs, default=0) >= 4


def _says_who(word: str, about: Iterable[str | None]) -> bool:
    known: set[str] = set(_OUR_WORDS)
    for text in about:
        known.update(part for part in re.split(r"[\W_]+", (text or "").casefold()) if len(part) >= 4)
    rest = word
    for part in sorted(known, key=len, reverse=True):
        rest = rest.replace(part, "")
    return rest != word and len(rest) < 5
