"""Merging, hiding, undoing in any order, beside a twin in plain Python: nobody's upvote or comment lost or doubled.

After every step the rows equal the twin's sets, and the counters equal the rows. What the twin refuses is refused, what
it allows is done. `TWIN_RUNS=500` looks longer than the suite has time for.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.core import clock as core_clock
from tests.properties.moderating_machine import Both

RUNS = int(os.environ.get("TWIN_RUNS", "25"))
SHRINKS = (Phase.shrink,) if "TWIN_RUNS" in os.environ else ()  # takes minutes: for who looks for it
NUMBER = st.integers(0, 59)
"""Chooses among what is there, whatever is there."""

pytestmark = pytest.mark.settings(reports_to_hold=2)


@pytest.fixture(autouse=True)
def _clock_runs_again():
    yield
    core_clock.release()


def test_whatever_is_merged_hidden_and_undone_nothing_is_lost_or_doubled(city):
    class Moderating(RuleBasedStateMachine):
        """A few people and two moderators on one board."""

        @initialize()
        def begin(self):
            self.both = Both(city)

        @rule(who=NUMBER)
        def post(self, who):
            self.both.post(who)

        @rule(who=NUMBER, idea=NUMBER)
        def comment(self, who, idea):
            self.both.comment(who, idea)

        @rule(who=NUMBER, comment=NUMBER)
        def reply(self, who, comment):
            self.both.reply(who, comment)

        @rule(who=NUMBER, idea=NUMBER)
        def upvote(self, who, idea):
            self.both.upvote(who, idea)

        @rule(who=NUMBER, idea=NUMBER)
        def take_back(self, who, idea):
            self.both.take_back(who, idea)

        @rule(what=NUMBER)
        def edit(self, what):
            self.both.edit(what)

        @rule(what=NUMBER)
        def withdraw(self, what):
            self.both.withdraw(what)

        @rule(what=st.sampled_from(["confirm", "leave", "remove_sample"]), who=NUMBER)
        def come_or_go(self, what, who):
            getattr(self.both, what)(who)

        @rule(
            kind=st.sampled_from(["hide", "hide", "restore", "hold", "approve", "decline", "keep"]),
            what=NUMBER,
            who=NUMBER,
            at_once=st.booleans(),
        )
        def decide(self, kind, what, who, at_once):
            self.both.decide(kind, what, who, at_once)

        @rule(one=NUMBER, other=NUMBER, who=NUMBER, at_once=st.booleans())
        def merge(self, one, other, who, at_once):
            self.both.merge(one, other, who, at_once)

        @rule(one=NUMBER, other=NUMBER, who=NUMBER)
        def merge_for_good(self, one, other, who):
            self.both.merge(one, other, who, False)

        @rule(one=NUMBER, who=NUMBER)
        def unmerge(self, one, who):
            self.both.unmerge(one, who)

        @rule(
            kind=st.sampled_from(["pin", "unpin", "lock", "unlock", "retag", "answer"]),
            idea=NUMBER,
            value=NUMBER,
            who=NUMBER,
            at_once=st.booleans(),
        )
        def mark(self, kind, idea, value, who, at_once):
            self.both.mark(kind, idea, value, who, at_once)

        @rule(some=st.sets(NUMBER, min_size=1, max_size=3), who=NUMBER, at_once=st.booleans())
        def set_aside(self, some, who, at_once):
            self.both.set_aside(some, who, at_once)

        @rule(act=NUMBER, who=NUMBER)
        def count_again(self, act, who):
            self.both.count_again(act, who)

        @rule(what=NUMBER, who=NUMBER)
        def report(self, what, who):
            self.both.report(what, who)

        @rule(act=NUMBER)
        def object_to(self, act):
            self.both.object_to(act)

        @rule(act=NUMBER, who=NUMBER)
        def undo(self, act, who):
            self.both.undo(act, who)

        @rule(minutes=st.sampled_from([2, 6, 61]))
        def wait(self, minutes):
            core_clock.advance(60 * minutes)

        @invariant()
        def adds_up(self):
            if hasattr(self, "both"):
                self.both.compare()

    run_state_machine_as_test(
        Moderating,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=40,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate, *SHRINKS),
            suppress_health_check=list(HealthCheck),
        ),
    )
