"""The arms differ in the toast and nothing else: a withheld offer counts as a toast that the user ignores."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support.twins import Twins


@pytest.mark.timeout(3000)  # ten thousand users take minutes
@pytest.mark.parametrize("pairs", [60, pytest.param(5000, marks=pytest.mark.slow)])
def test_gates_caps_and_intervals_are_the_same_for_twins(tmp_path: Path, pairs: int) -> None:
    twins = Twins(tmp_path, pairs)
    twins.run()
    outcomes, gates, shown_at = Counter[str](), Counter[str](), 0
    for shown, held in twins.pairs:
        one, other = twins.told[shown], twins.told[held]
        assert one.decisions == other.decisions
        assert one.gates == other.gates
        assert one.offers == other.offers
        outcomes.update(decision[1] for decision in one.decisions)
        gates.update(decision[4] for decision in one.decisions)
        gates.update(gate for _, _, found in one.gates for gate, stops, _ in found if stops)
        shown_at += sum(bool(offer[6]) for offer in one.offers)
    # The twins meet what they are meant to meet.
    assert set(outcomes) >= {"fired", "offered", "stopped", "deferred"}
    assert shown_at > pairs / 2
    assert set(gates) >= {
        "newcomers",
        "trigger_per_user",
        "trigger_per_day",
        "per_user_per_day",
        "quiet_hours",
        "trigger_min_interval",
        "min_interval",
        "attention",
        "one_at_a_time",
        "typing",
        "hold_until",
    }
