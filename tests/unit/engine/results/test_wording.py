"""What the numbers mean, in words for people who decide about a product."""

from __future__ import annotations

import pytest

from rasa_autoplay.engine.results import wording
from rasa_autoplay.engine.results.comparison import Comparison, compare
from rasa_autoplay.engine.results.first_decisions import Against, ArmKey, Tally
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.results import TriggerGoal, TriggerResult

GOAL = TriggerGoal('finished "Bulk edit"')


def _tally(users: int, reached: int, failed: int = 0, running: int = 0) -> Tally:
    tally = Tally()
    tally.users, tally.over, tally.reached = users + running, users, reached
    tally.watched, tally.failed, tally.since = users, failed, 1_000.0
    return tally


def _comparison(treated: Tally, control: Tally) -> Comparison:
    arms = {"shown": treated, "control": control}
    return compare(
        Against.CONTROL, {ArmKey(Against.CONTROL, "t", "", arm, 0.5, 0.0): arms[arm] for arm in arms}
    )


def _answer(treated: tuple[int, int], control: tuple[int, int]) -> tuple[str, str]:
    found = _comparison(_tally(*treated), _tally(*control))
    return wording.verdict_of(found), wording.answer_of(found, GOAL)


def test_names_shares_difference_and_interval() -> None:
    verdict, answer = _answer((4_000, 480), (4_000, 320))
    assert verdict == "helps"
    assert answer.startswith(
        'Yes: 12 % of the users with the toast finished "Bulk edit", 8 % of those without: +4 points '
        "(between +"
    )
    assert answer.endswith(", 95 %).")


def test_says_when_it_hinders() -> None:
    verdict, answer = _answer((4_000, 320), (4_000, 480))
    assert verdict == "hinders"
    assert answer.startswith("No, it hinders: 8 % ")
    assert "-4 points (between -" in answer


def test_says_how_many_users_are_missing_for_an_effect_of_this_size() -> None:
    verdict, answer = _answer((400, 48), (400, 32))
    assert verdict == "unclear"
    assert answer.startswith("Not known yet: ")
    # With 1,100 users in each arm, 4 points are 3.1 standard errors.
    assert answer.endswith("Not enough data: about 1,400 more users for an effect of this size.")


def test_without_a_difference_it_names_the_smallest_that_is_worth_looking_for() -> None:
    verdict, answer = _answer((1_000, 300), (1_000, 300))
    assert verdict == "unclear"
    assert answer.endswith(" more users for an effect of 3 points.")


def test_says_that_there_is_hardly_any_difference_once_that_is_known() -> None:
    verdict, answer = _answer((30_000, 9_000), (30_000, 9_000))
    assert verdict == "no_difference"
    assert answer.endswith(" There are enough users to see 3 points.")


def test_with_few_users_it_gives_no_number() -> None:
    verdict, answer = _answer((12, 6), (3, 0))
    assert verdict == "too_few_users"
    assert answer.startswith(
        "Not known yet: 12 with and 3 without have had their 7d, and each group needs 20"
    )
    assert "%" not in answer


def test_with_an_empty_group_it_says_so() -> None:
    assert _answer((12, 6), (0, 0))[1].endswith("Not enough data: one of the groups is empty.")


def test_warns_about_failures_and_running_users() -> None:
    found = _comparison(_tally(1_000, 300, failed=150, running=7), _tally(1_000, 300, failed=20))
    failures, running = wording.warnings_of(found, GOAL)
    assert failures.startswith("More users have a failure soon after the toast: +13 points")
    assert running == "Still running: 7 users have not had their 7d yet. They are not counted."


@pytest.mark.parametrize(
    ("funnel", "text"),
    [
        (Funnel(), "It has not made an offer yet."),
        (Funnel(withheld={"ghost": 3}), "Nothing is shown yet: the rollout is ghost."),
        (Funnel(offered=3), "Not known: every user gets the toast"),
    ],
)
def test_without_a_comparison_it_says_why(funnel: Funnel, text: str) -> None:
    assert wording.no_comparison(TriggerResult("t", "", GOAL, funnel, [], None)).startswith(text)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (7, "7"), (42, "42"), (1_234, "1,200"), (98_765, "99,000"), (199, "200")]
)
def test_numbers_have_two_digits(count: int, text: str) -> None:
    assert wording.roughly(count) == text


@pytest.mark.parametrize(
    ("difference", "text"), [(0.04, "+4"), (-0.0004, "0"), (-0.005, "-0.5"), (0.125, "+12.5")]
)
def test_differences_have_a_sign(difference: float, text: str) -> None:
    assert wording.points(difference) == text
