"""Users count by their first decision under chance, in the arm that chance gave them then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from rasa_autoplay.engine.results.comparison import Comparison, comparisons_of
from rasa_autoplay.engine.results.first_decisions import Against, Asked, Decision, count_first_decisions
from rasa_autoplay.engine.results.uplift import Group

DAY_S = 86_400.0
NOW = 100 * DAY_S


@dataclass
class _Log:
    """Decisions of users, and what they reached."""

    rows: list[Decision] = field(default_factory=list)
    reached: dict[str, float] = field(default_factory=dict)
    failed: dict[str, float] = field(default_factory=dict)

    def decide(
        self,
        user: str,
        arm: str,
        share: float = 0.5,
        holdout: float = 0.0,
        *,
        day: float = 1.0,
        reached_after_s: float | None = None,
        failed: bool = False,
        trigger: str = "t",
        variant: str = "",
    ) -> None:
        at, offer_id = day * DAY_S, f"offer_{len(self.rows)}"
        shown = (1 - holdout) * share
        self.rows.append(Decision(offer_id, user, trigger, variant, arm, shown, holdout, "", "withheld", at))
        if reached_after_s is not None:
            self.reached[offer_id] = at + reached_after_s
        if failed:
            self.failed[offer_id] = at + 1

    def compared(self, **more: Any) -> dict[tuple[str, str], Comparison]:
        asked = Asked(NOW, self.reached, self.failed, {}, 7 * DAY_S, **more)
        rows = sorted(self.rows, key=lambda row: (row.user_id, row.created_at))
        return comparisons_of(count_first_decisions(rows, asked))


@pytest.fixture
def log() -> _Log:
    return _Log()


def test_counts_each_user_once_by_the_first_decision(log: _Log) -> None:
    log.decide("a", "shown", day=1)
    log.decide("a", "shown", day=2, reached_after_s=1)
    log.decide("b", "control", day=1, reached_after_s=1)
    log.decide("b", "control", day=2)
    found = log.compared()["t", ""]
    assert (found.goal.treated, found.goal.control) == (Group(1, 0), Group(1, 1))
    assert found.against is Against.CONTROL
    assert found.since == DAY_S


def test_a_user_stays_in_the_first_arm_when_the_share_is_raised(log: _Log) -> None:
    log.decide("a", "control", 0.1, day=1)
    log.decide("a", "shown", 0.5, day=20, reached_after_s=1)
    found = log.compared()["t", ""]
    assert (found.goal.treated, found.goal.control) == (Group(), Group(1, 0))


@pytest.mark.parametrize(("arm", "share"), [("ghost", 0.0), ("shown", 1.0)])
def test_decisions_without_chance_do_not_count_as_the_first(log: _Log, arm: str, share: float) -> None:
    log.decide("a", arm, share, day=1)
    log.decide("a", "shown", 0.5, day=5, reached_after_s=60)
    found = log.compared()["t", ""]
    assert found.goal.treated == Group(1, 1)
    assert found.since == 5 * DAY_S


def test_the_goal_counts_within_its_time_only(log: _Log) -> None:
    log.decide("a", "shown", reached_after_s=7 * DAY_S)
    log.decide("b", "shown", reached_after_s=7 * DAY_S + 1)
    assert log.compared()["t", ""].goal.treated == Group(2, 1)
    assert log.compared()["t", ""].treated_times is not None


def test_users_whose_time_is_not_over_are_still_running(log: _Log) -> None:
    log.decide("a", "shown", day=99, reached_after_s=1, failed=True)
    log.decide("b", "control", day=1)
    found = log.compared()["t", ""]
    assert (found.goal.treated, found.running) == (Group(), 1)
    assert found.failures.treated == Group(1, 1)  # ten minutes are over
    assert found.sample_ratio.users == 2


def test_a_trigger_without_control_users_is_compared_with_the_holdout(log: _Log) -> None:
    log.decide("a", "shown", 1.0, 0.05)
    log.decide("b", "holdout", 1.0, 0.05, reached_after_s=5)
    found = log.compared()["t", ""]
    assert found.against is Against.HOLDOUT
    assert (found.goal.treated, found.goal.control) == (Group(1, 0), Group(1, 1))
    assert found.sample_ratio.expected == pytest.approx(1.9)


def test_holdout_users_are_left_out_where_there_is_a_control_group(log: _Log) -> None:
    for user, arm in (("a", "shown"), ("b", "control"), ("c", "holdout")):
        log.decide(user, arm, 0.5, 0.2)
    found = log.compared()["t", ""]
    assert found.against is Against.CONTROL
    assert found.goal.treated.users + found.goal.control.users == 2
    assert found.sample_ratio.expected == pytest.approx(1.0)


def test_overall_compares_all_users_with_the_holdout(log: _Log) -> None:
    log.decide("a", "ghost", 0.0, 0.1, trigger="t1", day=1)
    log.decide("a", "shown", 1.0, 0.1, trigger="t2", day=2, reached_after_s=9)
    log.decide("b", "control", 0.5, 0.1, trigger="t3", reached_after_s=9)
    log.decide("c", "holdout", 1.0, 0.1, trigger="t2")
    found = log.compared()["", ""]
    assert found.against is Against.OVERALL
    assert (found.goal.treated, found.goal.control) == (Group(2, 1), Group(1, 0))
    assert found.sample_ratio.expected == pytest.approx(2.7)


def test_overall_ignores_decisions_before_there_was_a_holdout(log: _Log) -> None:
    log.decide("a", "shown", 1.0, 0.0, day=1)
    assert log.compared() == {}


def test_variants_are_compared_each_with_its_own_control_users(log: _Log) -> None:
    log.decide("a", "shown", variant="x", reached_after_s=1)
    log.decide("b", "control", variant="x")
    log.decide("c", "control", variant="y")
    found = log.compared()
    assert found["t", "x"].goal.treated == Group(1, 1)
    assert (found["t", "y"].goal.treated, found["t", "y"].goal.control) == (Group(), Group(1, 0))


def test_since_leaves_out_users_whose_first_decision_was_earlier(log: _Log) -> None:
    log.decide("a", "shown", day=1)
    log.decide("a", "shown", day=20)
    log.decide("b", "control", day=20)
    found = log.compared(since=10 * DAY_S)["t", ""]
    assert (found.goal.treated.users, found.goal.control.users) == (0, 1)


def test_times_are_quartiles_of_those_who_reached_the_goal(log: _Log) -> None:
    for user, seconds in enumerate((10, 20, 30, 40)):
        log.decide(f"u{user}", "shown", reached_after_s=seconds)
    log.decide("b", "control")
    found = log.compared()["t", ""]
    assert found.treated_times is not None
    assert (found.treated_times.lower_quartile_s, found.treated_times.median_s) == (10, 20)
    assert found.treated_times.upper_quartile_s == 30
    assert found.control_times is None


def test_gate_that_stayed_closed_is_no_decision_of_the_rollout(log: _Log) -> None:
    log.decide("a", "gate_closed", 0.5, 0.1, day=1)
    log.decide("a", "control", 0.5, 0.1, day=2)
    found = log.compared()["t", ""]
    assert found.since == 2 * DAY_S
