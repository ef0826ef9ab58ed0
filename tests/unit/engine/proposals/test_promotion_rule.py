"""The rule: which figures take a proposal up, which take it down, and what it says is missing."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from rasa_autoplay.engine.proposals.backtest import Backtest
from rasa_autoplay.engine.proposals.decision_record import DecisionRecord, decide, difference_in
from rasa_autoplay.engine.proposals.figures import Figures, GhostFigures, HarmFigures, TrialFigures
from rasa_autoplay.engine.proposals.harm_evidence import is_above, is_below, more_offers_needed
from rasa_autoplay.engine.proposals.promotion_rule import judge
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.proposals.thresholds import THRESHOLDS, level_of
from rasa_autoplay.engine.proposals.verdict import Step
from rasa_autoplay.engine.results.uplift import Group, Stratum

GOOD = Backtest(100, 0.5, 0.1)
GHOST = GhostFigures(days=8, fires=400, users=200, user_days=350, found=20, over=400, overlapping=8)
KIND = HarmFigures(seen=300, refused=90, never=6, muted=1)


def draft(**changed: object) -> Figures:
    return msgspec.structs.replace(Figures(Stage.DRAFT, backtest=GOOD), **changed)


def ghost(**changed: object) -> Figures:
    return Figures(Stage.GHOST, backtest=GOOD, ghost=msgspec.structs.replace(GHOST, **changed))


def trial(
    treated: tuple[int, int], control: tuple[int, int], harm: HarmFigures = KIND, days: float = 30.0
) -> Figures:
    goal = (Stratum(0.05, Group(*treated), Group(*control)),)
    return Figures(Stage.TRIAL, trial=TrialFigures(1, days, goal), harm=harm)


def test_a_good_draft_becomes_ghost() -> None:
    found = judge(draft())
    assert (found.step, found.to) == (Step.UP, Stage.GHOST)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"problems": ("autoplay.yml:3: no",)}, "autoplay.yml:3"),
        ({"backtest": None}, "No back-test"),
        ({"backtest": Backtest(100, 0.5, 0.1, False, ("too late",))}, "does not recommend"),
        ({"backtest": Backtest(100, 0.5, 0.26)}, "26% of the users find the fast way themselves"),
        ({"backtest": Backtest(100, 3.1, 0.1)}, "fires 3.1 times a day"),
        ({"setbacks": 1}, "taken back before"),
        ({"is_switched_off": True}, "switched the trigger off"),
    ],
)
def test_other_drafts_stay(changed: dict[str, object], why: str) -> None:
    found = judge(draft(**changed))
    assert (found.step, found.to) == (Step.STAY, Stage.DRAFT)
    assert why in " ".join(found.reasons)


def test_a_ghost_that_fires_at_the_right_moments_goes_on_trial() -> None:
    found = judge(ghost())
    assert (found.step, found.to) == (Step.UP, Stage.TRIAL)


def test_a_ghost_says_in_numbers_what_is_missing() -> None:
    found = judge(ghost(days=2.5, fires=70, users=29))
    assert found.step is Step.STAY
    assert found.missing == (
        "It needs about 4.5 more days as ghost.",
        "It needs 30 more fires.",
        "It needs 1 more user.",
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"found": 101}, "find the fast way themselves"),
        ({"user_days": 130}, "fires 3.1 times a day"),
        ({"overlapping": 201}, "coincide"),
        ({"days": 60, "users": 29}, "too rarely"),
    ],
)
def test_a_ghost_that_would_be_noise_goes_back_to_draft(changed: dict[str, int], why: str) -> None:
    found = judge(ghost(**changed))
    assert (found.step, found.to) == (Step.DOWN, Stage.DRAFT)
    assert why in " ".join(found.reasons)


def test_a_ghost_that_was_taken_back_is_left_to_people() -> None:
    found = judge(msgspec.structs.replace(ghost(), setbacks=1))
    assert (found.step, found.missing) == (Step.STAY, ())


def test_a_clear_uplift_without_harm_goes_live() -> None:
    found = judge(trial((200, 80), (3800, 380)))
    assert (found.step, found.to) == (Step.UP, Stage.LIVE)
    assert "40.0% of 200" in found.reasons[0]


def test_an_uplift_that_is_not_clear_yet_names_the_users_that_it_needs() -> None:
    found = judge(trial((100, 20), (1900, 190)))
    assert found.step is Step.STAY
    assert found.more_users is not None
    days = 30 * found.more_users / 2000
    expected = f"needs about {found.more_users:,} more users, which takes about {days:,.0f} days."
    assert expected in found.missing[0]
    assert len(found.missing) == 1 + (30 + days > 120)
    grown = 1 + found.more_users / 2000
    sizes = [round(each * grown * 1.02) for each in (100, 20, 1900, 190)]
    assert judge(trial((sizes[0], sizes[1]), (sizes[2], sizes[3]))).step is Step.UP


def test_a_clear_uplift_waits_until_harm_is_clearly_below_its_bound() -> None:
    found = judge(trial((200, 80), (3800, 380), HarmFigures(seen=30, refused=9, never=2)))
    assert found.step is Step.STAY
    assert "silenced 2 of 30" in found.missing[0]


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (HarmFigures(seen=60, refused=30, never=18), "silenced 18 of 60"),
        (HarmFigures(seen=60, refused=20, never=2, muted=16), "silenced 18 of 60"),
        (HarmFigures(seen=100, refused=85, never=3), "refused 85 of 100"),
    ],
)
def test_harm_takes_it_back_even_with_an_uplift(harm: HarmFigures, why: str) -> None:
    found = judge(trial((200, 80), (3800, 380), harm))
    assert (found.step, found.to) == (Step.DOWN, Stage.GHOST)
    assert why in " ".join(found.reasons)


def test_a_clear_loss_and_failures_take_it_back() -> None:
    worse = judge(trial((400, 20), (7600, 1900)))
    assert (worse.step, worse.to) == (Step.DOWN, Stage.GHOST)
    assert "less often" in worse.reasons[0]
    figures = trial((400, 120), (7600, 1900))
    assert figures.trial is not None
    failing = (Stratum(0.05, Group(400, 120), Group(7600, 300)),)
    figures = msgspec.structs.replace(figures, trial=msgspec.structs.replace(figures.trial, failures=failing))
    assert "fails more often" in judge(figures).reasons[0]


def test_a_decision_that_cannot_come_takes_it_back() -> None:
    assert judge(trial((100, 12), (1900, 190), days=119)).step is Step.STAY
    assert "No decision after 120 days" in judge(trial((100, 12), (1900, 190), days=120)).reasons[0]
    none_at_all = judge(trial((20_000, 2000), (380_000, 38_000)))
    assert "smaller than 2 points at best" in none_at_all.reasons[0]


def test_uneven_arms_are_not_believed() -> None:
    figures = trial((200, 80), (3800, 380))
    assert figures.trial is not None
    uneven = msgspec.structs.replace(figures.trial, is_uneven=True)
    found = judge(msgspec.structs.replace(figures, trial=uneven))
    assert found.step is Step.STAY
    assert "other than chance" in found.missing[0]


def test_what_is_live_stays_until_harm_is_clear() -> None:
    assert judge(Figures(Stage.LIVE, harm=KIND)).step is Step.STAY
    found = judge(Figures(Stage.LIVE, harm=HarmFigures(seen=1000, refused=400, never=180)))
    assert (found.step, found.to) == (Step.DOWN, Stage.GHOST)


def test_the_levels_of_all_proposals_add_up_to_five_percent() -> None:
    first = [level_of(number) for number in range(1, 41)]
    assert sum(first) == pytest.approx(THRESHOLDS.alpha / 2)
    assert max(first) / min(first) < 4
    many = sum(level_of(number) for number in range(1, 100_001))
    assert many < THRESHOLDS.alpha
    assert many == pytest.approx(THRESHOLDS.alpha, rel=1e-3)


@pytest.mark.parametrize("share", [0.10, 0.30])
def test_harm_at_its_bound_is_rarely_misjudged_at_any_look(share: float) -> None:
    dice, wrong = random.Random(3), [0, 0]  # noqa: S311
    for _ in range(200):
        count, said = 0, [False, False]
        for of in range(1, 401):
            count += dice.random() < share
            said = [said[0] or is_above(count, of, share), said[1] or is_below(count, of, share)]
        wrong = [before + now for before, now in zip(wrong, said, strict=True)]
    # At most 5 % of 200 are expected, and 3 standard deviations more are chance.
    assert max(wrong) <= 10 + 3 * math.sqrt(200 * 0.05 * 0.95)


def test_the_number_of_offers_needed_is_enough_and_not_too_many() -> None:
    more = more_offers_needed(2, 40, 0.10)
    assert more is not None
    assert is_below(round(0.05 * (40 + more)), 40 + more, 0.10)
    assert not is_below(round(0.05 * (39 + more)), 39 + more, 0.10)
    assert more_offers_needed(5, 40, 0.10) is None


def test_a_decision_is_the_same_after_a_way_through_the_log() -> None:
    record = decide(trial((200, 80), (3800, 380)))
    again = msgspec.json.decode(msgspec.json.encode(record), type=DecisionRecord)
    assert again == record
    assert difference_in(again) == ""


def test_a_changed_log_is_noticed() -> None:
    record = decide(trial((200, 80), (3800, 380)))
    assert record.figures.trial is not None
    fewer = (Stratum(0.05, Group(20, 8), Group(380, 38)),)
    figures = msgspec.structs.replace(
        record.figures, trial=msgspec.structs.replace(record.figures.trial, goal=fewer)
    )
    assert "the log says up to live" in difference_in(msgspec.structs.replace(record, figures=figures))
    assert "version" in difference_in(msgspec.structs.replace(record, rule="0"))
