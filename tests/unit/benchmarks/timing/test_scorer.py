"""The scorer of the timing benchmark, against cases worked out by hand."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.timing.generator import generate
from benchmarks.timing.intervals import mean_of, paired_difference
from benchmarks.timing.labels import Behaviour, Interval, Label, LabelledSession, Need, State
from benchmarks.timing.referee import Offer, Verdict
from benchmarks.timing.scorer import Score, score_offers
from benchmarks.timing.weights import WEIGHTS, Weights, variations

#: 0 to 100 doing; 100 to 300 stuck and in need of "a", but 200 to 210 writing; then a pause.
SESSION = LabelledSession(
    "s",
    "u",
    "projects",
    Behaviour.NOVICE,
    intervals=[
        Interval(0, 100, State.DOING),
        Interval(100, 200, State.STUCK),
        Interval(200, 210, State.TYPING),
        Interval(210, 300, State.STUCK),
        Interval(300, 400, State.PAUSING),
    ],
    needs=[Need(100, 300, "a", gave_up=True)],
)
GENERATED = generate("scorer", 30)
TIMES = st.floats(0, 399.9)


def score_of(*offers: tuple[float, str], weights: Weights = WEIGHTS) -> Score:
    return score_offers([SESSION], [Offer("s", at, workflow) for at, workflow in offers], weights)


def test_never_costs_the_whole_need() -> None:
    score = score_of()
    assert (score.precision, score.recall, score.lateness) == (None, 0.0, None)
    assert score.cost == 200 + 120


def test_the_right_offer_at_once_costs_reading_and_the_help() -> None:
    score = score_of((100, "a"))
    assert (score.precision, score.recall, score.lateness) == (1.0, 1.0, 0.0)
    assert score.cost == 6 + 25


def test_a_late_offer_costs_the_time_before_it() -> None:
    assert score_of((150, "a")).cost == 6 + 25 + 50
    assert score_of((150, "a")).lateness == 50


def test_an_offer_without_a_workflow_costs_a_description() -> None:
    assert score_of((100, "")).cost == 6 + 25 + 30
    assert score_of((100, "")).recall == 1.0


def test_an_offer_about_another_workflow_does_not_help() -> None:
    score = score_of((100, "b"))
    assert score.verdicts == {Verdict.OTHER_WORKFLOW: 1}
    assert score.cost == 6 + 200 + 120


def test_an_offer_at_a_wrong_moment_costs_the_resumption_and_does_not_help() -> None:
    for at in (50, 205):
        score = score_of((at, "a"))
        assert score.verdicts == {Verdict.WRONG_MOMENT: 1}
        assert score.interruption == 6 + 15
        assert score.missing == 200 + 120


def test_an_offer_after_the_need_is_not_needed() -> None:
    assert score_of((300, "a")).verdicts == {Verdict.NO_NEED: 1}


def test_a_second_offer_in_the_same_need_is_a_repetition() -> None:
    score = score_of((100, "a"), (150, "a"))
    assert score.verdicts == {Verdict.HELPED: 1, Verdict.REPEATED: 1}
    assert score.precision == 0.5
    assert score.cost == 6 + 25 + 6


def test_help_never_costs_more_than_managing_alone() -> None:
    managed = replace(SESSION, needs=[Need(100, 300, "a")])
    assert score_offers([managed], [Offer("s", 299, "a")]).missing == 200


def test_a_slow_way_loses_part_of_its_time() -> None:
    slow = replace(SESSION, needs=[Need(100, 300, "a", loss=0.6)])
    assert score_offers([slow], []).cost == pytest.approx(120)
    assert score_offers([slow], [Offer("s", 150, "a")]).cost == pytest.approx(30 + 25 + 6)


@pytest.mark.parametrize("offer", [Offer("x", 150), Offer("s", 400), Offer("s", -1)])
def test_refuses_offers_for_nobody(offer: Offer) -> None:
    with pytest.raises(ValueError, match=r"no session|nobody"):
        score_offers([SESSION], [offer])


def test_intervals_hold_their_first_moment_and_not_their_last() -> None:
    assert SESSION.label_at(100) is Label.WANTED
    assert SESSION.label_at(300) is Label.NOT_NEEDED


@given(st.lists(TIMES, max_size=5), st.floats(300, 399.9))
def test_a_further_useless_offer_always_costs_more(times: list[float], useless: float) -> None:
    before = score_of(*((at, "a") for at in times))
    after = score_of(*((at, "a") for at in times), (useless, "a"))
    assert after.cost == pytest.approx(before.cost + WEIGHTS.read)
    assert after.recall == before.recall


@given(st.floats(100, 199.9), st.floats(100, 199.9))
def test_sooner_help_never_costs_more(one: float, other: float) -> None:
    sooner, later = sorted((one, other))
    assert score_of((sooner, "a")).cost <= score_of((later, "a")).cost


@given(st.lists(st.tuples(TIMES, st.sampled_from(["", "a", "b"])), max_size=6), st.randoms())
def test_the_order_of_offers_does_not_count(offers: list[tuple[float, str]], luck: random.Random) -> None:
    offers = list({at: (at, workflow) for at, workflow in offers}.values())
    shuffled = luck.sample(offers, len(offers))
    assert score_of(*offers) == score_of(*shuffled)


def test_the_order_of_sessions_does_not_count() -> None:
    offers = [Offer(session.id, session.start + 20) for session in GENERATED]
    forwards, backwards = score_offers(GENERATED, offers), score_offers(GENERATED[::-1], offers[::-1])
    assert forwards.cost == pytest.approx(backwards.cost)
    assert (forwards.precision, forwards.recall) == (backwards.precision, backwards.recall)


def test_a_perfect_contestant_has_no_false_offer_and_misses_nothing() -> None:
    offers = [Offer(s.id, _first_wanted(s, need), need.workflow) for s in GENERATED for need in s.needs]
    score = score_offers(GENERATED, offers)
    assert (score.precision, score.recall) == (1.0, 1.0)
    assert score.cost < score_offers(GENERATED, []).cost


def _first_wanted(session: LabelledSession, need: Need) -> float:
    return next(
        one.start
        for one in session.intervals
        if one.start >= need.start and one.state.label is Label.WANTED and one.start < need.end
    )


def test_scores_of_behaviours_add_up() -> None:
    score = score_offers(GENERATED, [Offer(session.id, session.start + 20) for session in GENERATED])
    parts = [score.of(behaviour) for behaviour in Behaviour]
    assert sum(part.offers for part in parts) == score.offers == 30
    total = sum(part.cost * len(part.sessions) for part in parts if part.sessions)
    assert total == pytest.approx(score.cost * 30)


def test_each_weight_changes_the_cost_that_it_names() -> None:
    assert score_of((50, "a"), weights=replace(WEIGHTS, resume=40)).interruption == 46
    assert score_of(weights=replace(WEIGHTS, give_up=0)).cost == 200
    assert score_of(weights=replace(WEIGHTS, missed=0.5)).cost == 160
    assert WEIGHTS in [weights for _, weights in variations()]


def test_the_readme_states_the_weights() -> None:
    readme = (Path(__file__).parents[4] / "benchmarks/timing/README.md").read_text("utf-8")
    stated = {name: float(value) for name, value in re.findall(r"`(\w+)` = (\d+) s", readme)}
    assert Weights(**stated) == WEIGHTS
    assert len(stated) == 5


def test_intervals_enclose_the_mean_and_shrink_with_more_sessions() -> None:
    few, many = mean_of([0.0, 10.0] * 10), mean_of([0.0, 10.0] * 1000)
    assert few.low < few.mean == 5 == many.mean < few.high
    assert many.high - many.low < few.high - few.low
    assert paired_difference([3.0, 5.0], [1.0, 3.0]).low == 2
