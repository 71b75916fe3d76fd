"""Boards for the short form of the faults: one process on SQLite, and a scaled-out one, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.ground import Ground, ground
from tests.load.layouts import one_process, scaled_out

KEPT = 20


@pytest.fixture(scope="session")
def single() -> Iterator[Ground]:
    """The default: one process on SQLite."""
    with ground(one_process("sqlite")) as here:
        yield here


@pytest.fixture(scope="session")
def cluster() -> Iterator[Ground]:
    """One `web` and one `live` process over PostgreSQL and Redis; changes are not kept for long."""
    with ground(scaled_out(web=1, live=1, changes_kept=KEPT)) as here:
        yield here
