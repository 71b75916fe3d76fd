"""Codes that people read from a wall and type on a phone."""

from __future__ import annotations

import secrets

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1: they are read wrong from the last row."""
LENGTH = 6


def new_code() -> str:
    """Six characters; 887 million of them."""
    return "".join(secrets.choice(LETTERS) for _place in range(LENGTH))


def read_code(typed: str) -> str:
    """A code as somebody typed it: in any case, with spaces or hyphens."""
    return "".join(character for character in typed.upper() if character in LETTERS)[: LENGTH + 2]
