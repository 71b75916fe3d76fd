"""Every fault of `python3 tasks.py faults` in a small dose: what is counted is asserted, times are only told.

One process runs all of these (`loadgroup`), so that the two boards they share are started once.
"""

from __future__ import annotations

import pytest

from tests.faults.away import go_away, stay_away_too_long
from tests.faults.backing_up import back_up_while_writing
from tests.faults.doses import SHORT
from tests.faults.full_disk import can_mount, on_a_small_disk, with_files_that_may_not_grow
from tests.faults.ground import Ground, Row
from tests.faults.killing import kill_in_a_storm
from tests.faults.reply_lost import lose_replies
from tests.faults.returning import come_back_at_once
from tests.faults.run import lines_of
from tests.faults.stalling import stop_reading
from tests.faults.upvoting_at_once import upvote_at_once
from tests.faults.without_postgres import restart_postgres
from tests.faults.without_redis import lose_redis

pytestmark = pytest.mark.xdist_group("faults")


def holds(row: Row) -> None:
    """Every goal that is a count. The table goes to standard output, so a failure shows it."""
    print("\n".join(lines_of(row.told())), row.facts)
    missed = [one["what"] for one in row.goals if not one["met"] and not one["is_time"]]
    assert missed == []


def test_fifty_identical_upvotes_at_once_are_one(single: Ground) -> None:
    holds(upvote_at_once(single, SHORT))


def test_fifty_identical_upvotes_at_once_are_one_on_postgresql(cluster: Ground) -> None:
    holds(upvote_at_once(cluster, SHORT))


def test_a_form_sent_again_because_the_reply_was_lost_counts_once(single: Ground) -> None:
    holds(lose_replies(single, SHORT))


def test_a_form_sent_again_counts_once_on_postgresql(cluster: Ground) -> None:
    holds(lose_replies(cluster, SHORT))


def test_killing_the_board_in_a_storm_loses_nothing(single: Ground) -> None:
    holds(kill_in_a_storm(single, SHORT))


def test_killing_web_and_live_in_a_storm_loses_nothing(cluster: Ground) -> None:
    holds(kill_in_a_storm(cluster, SHORT))


def test_redis_may_restart_and_stay_away(cluster: Ground) -> None:
    holds(lose_redis(cluster, SHORT, "Redis restarted", SHORT.redis_absences, lambda: None))


def test_postgresql_may_restart(cluster: Ground) -> None:
    holds(restart_postgres(cluster, SHORT))


def test_a_full_disk_refuses_clearly_and_recovers() -> None:
    if not can_mount():
        pytest.skip("no small disk can be mounted here")
    holds(on_a_small_disk(SHORT))


def test_a_board_whose_files_may_not_grow_refuses_clearly_and_recovers() -> None:
    holds(with_files_that_may_not_grow(SHORT))


def test_pages_whose_network_was_away_come_back_to_the_database(cluster: Ground) -> None:
    for row in go_away(cluster, SHORT):
        holds(row)


def test_pages_away_for_longer_than_changes_are_kept_begin_anew(cluster: Ground) -> None:
    holds(stay_away_too_long(cluster, SHORT))


def test_watchers_who_stop_reading_harm_nobody(cluster: Ground) -> None:
    holds(stop_reading(cluster.elsewhere("berlin"), SHORT))


def test_a_crowd_that_reconnects_at_once_is_current_again(cluster: Ground) -> None:
    holds(come_back_at_once(cluster.elsewhere("melbourne"), SHORT))


def test_backups_while_people_write_are_a_prefix_of_the_ledger(single: Ground) -> None:
    holds(back_up_while_writing(single, SHORT))


def test_backups_of_postgresql_are_a_prefix_too(cluster: Ground) -> None:
    holds(back_up_while_writing(cluster, SHORT))
