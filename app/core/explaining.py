"""Every setting as an operator sees it: name, value, where the value comes from, meaning. Secrets are masked."""

from __future__ import annotations

import ast
import inspect
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from app.core.config import Settings

MASK = "***"
_SECRET = ("secret_key", "metrics_token")
_ADDRESSES = ("database_url", "redis_url", "mail_server")
_PASSWORD = re.compile(r"(://[^:@/]*:).*@")  # to the last @: one that was not encoded belongs to the password
_ARGUMENT = re.compile(r"(?i)([?&]\w*(?:pass|pwd|secret|token|key)\w*=)[^&]*")


@dataclass(frozen=True)
class Explained:
    """One setting. `value` is safe to show; `source` is `environment`, `default`, or says what it was made from."""

    name: str
    value: str
    source: str
    meaning: str


def explained(config: Settings, environ: Mapping[str, str] | None = None) -> list[Explained]:
    """All settings in the order of `Settings`, as `config` has them. `environ` says which were given."""
    given = os.environ if environ is None else environ
    return [
        Explained(
            name=name.upper(),
            value=shown(name, getattr(config, name)),
            source=_source(name, config, given),
            meaning=meaning,
        )
        for name, meaning in meanings().items()
    ]


@cache
def meanings() -> dict[str, str]:
    """What the sentence under each field of `Settings` says, by the field's name."""
    told, above = {}, ""
    for line in ast.parse(inspect.getsource(Settings)).body[0].body:  # type: ignore[attr-defined]
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            above = line.target.id
        elif isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant):
            told[above] = " ".join(str(line.value.value).split())
    return {field.name: told[field.name] for field in fields(Settings)}


def shown(name: str, value: Any) -> str:
    """The value as it may stand on a console: without passwords, keys and tokens."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if not text:
        return ""
    if name in _SECRET:
        return MASK
    return _without_password(text) if name in _ADDRESSES else text


def _without_password(address: str) -> str:
    """The address with its password masked, and anything in its arguments that is called like one."""
    return _ARGUMENT.sub(rf"\1{MASK}", _PASSWORD.sub(rf"\1{MASK}@", address))


def _source(name: str, config: Settings, environ: Mapping[str, str]) -> str:
    if environ.get(name.upper(), "").strip():
        return "environment"
    if name == "secret_key":
        return "the file secret-key in DATA"
    if name == "database_url":
        return "default, in DATA"
    if name == "confirm_email":
        return (
            "default, as MAIL_SERVER is set" if config.mail_server else "default, as MAIL_SERVER is not set"
        )
    return "default"
