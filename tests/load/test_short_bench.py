"""`python3 tasks.py bench live` in a small dose: what is counted is asserted, times are only told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.bench_fanout import BURST, compare
from tests.load.bench_live import Bench, Lengths
from tests.load.fanning import DIRECT, STOCK

pytestmark = pytest.mark.xdist_group("bench")

LENGTHS = Lengths(storm=(60, 30.0, 3.0), default=(40, 20.0, 3.0))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(LENGTHS, tmp_path, is_short=True)


def holds(bench: Bench) -> None:
    """All that must be nothing. Everything measured goes to standard output, so a failure shows it."""
    print("\n".join(f"{one['what']}: {one['measured']} ({one['goal']})" for one in bench.goals))
    assert bench.counted
    assert [one for one in bench.counted if not one["met"]] == []


def test_a_storm_on_the_scaled_out_board_loses_nothing_and_every_watcher_sees_it(bench: Bench) -> None:
    bench.storm()
    holds(bench)


def test_the_same_storm_on_each_layout_loses_nothing_either(bench: Bench) -> None:
    bench.default()
    assert len(bench.facts["same_storm"]) == 3
    holds(bench)


def test_a_fan_out_loses_and_damages_no_frame_on_either_way() -> None:
    found = compare([DIRECT, STOCK], 100, 1, "burst", BURST)
    print(found)
    assert {way: (one["lost"], one["corrupt"]) for way, one in found.items()} == {
        "direct": (0, 0),
        "stock": (0, 0),
    }
