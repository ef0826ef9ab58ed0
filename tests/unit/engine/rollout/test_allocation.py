"""Chance is a hash: stable for each user, even among users, and independent from one trigger to another."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.rollout.allocation import allocate
from rasa_autoplay.engine.rollout.buckets import bucket, weighted_choice
from rasa_autoplay.settings.rollout import HoldoutSettings, RolloutSettings

USERS = [f"user-{number}" for number in range(20_000)]
TEXTS = st.text(max_size=20)
PERCENTAGES = st.integers(0, 100)


def rollout(share: str, salt: str = "") -> RolloutSettings:
    return RolloutSettings.validate({"share": share, "salt": salt})


def holdout(share: str, salt: str = "") -> HoldoutSettings:
    return HoldoutSettings.parse_obj({"share": share, "salt": salt})


def arm(share: str, user: str, trigger: str = "t", held: HoldoutSettings | None = None) -> Arm:
    return allocate(rollout(share), held, trigger, user).arm


def chi_square(counts: Sequence[int]) -> float:
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


def table_chi_square(pairs: Counter[tuple[int, int]]) -> float:
    """The statistic of Pearson's test of independence of the two parts of each pair."""
    total = sum(pairs.values())
    rows = Counter[int]()
    columns = Counter[int]()
    for (row, column), count in pairs.items():
        rows[row] += count
        columns[column] += count
    expected = {(r, c): rows[r] * columns[c] / total for r in rows for c in columns}
    return sum((pairs[cell] - n) ** 2 / n for cell, n in expected.items())


def limit(degrees: int) -> float:
    """Exceeded by chance in fewer than one of 100,000 tests (Wilson and Hilferty)."""
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + 4.27 * math.sqrt(spread)) ** 3


# --- the bucket --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts", [(), ("",), ("", ""), ("share", "", "t", "u1"), ("holdout", "2026-q4", "Zoë|7"), ("ab", "c")]
)
def test_bucket_is_sha256_of_the_parts_with_their_lengths(parts: tuple[str, ...]) -> None:
    message = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
    digest = hashlib.new("sha256", message).hexdigest()
    # 53 bits, because a float has no more.
    assert bucket(*parts) == (int(digest[:16], 16) // 2**11) / 2**53


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=4))
def test_other_parts_give_another_bucket(one: list[str], other: list[str]) -> None:
    assert (bucket(*one) == bucket(*other)) == (one == other)


@given(st.lists(st.text(st.characters(codec=None, exclude_categories=())), max_size=3))
def test_bucket_is_from_0_to_1_for_any_text(parts: list[str]) -> None:
    assert 0 <= bucket(*parts) < 1


def test_buckets_of_users_are_even() -> None:
    counts = Counter(int(bucket("share", "", "t", user) * 100) for user in USERS)
    assert chi_square([counts[each] for each in range(100)]) < limit(99)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("share", "", "t1"), ("share", "", "t2")),
        (("share", "", "t"), ("share", "x", "t")),
        (("share", "", "t"), ("variant", "", "t")),
        (("share", "", "t"), ("holdout", "")),
        (("variant", "", "t1"), ("variant", "", "t2")),
    ],
)
def test_buckets_are_independent(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    pairs = Counter((int(bucket(*one, user) * 10), int(bucket(*other, user) * 10)) for user in USERS)
    assert table_chi_square(pairs) < limit(81)


# --- shares ------------------------------------------------------------------------------------------------


@given(TEXTS, TEXTS, TEXTS, PERCENTAGES, PERCENTAGES)
def test_a_larger_share_only_adds_users(salt: str, trigger: str, user: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    arms = [
        allocate(rollout(f"{share}%", salt), None, trigger, user).arm is Arm.SHOWN for share in (low, high)
    ]
    assert arms != [True, False]


@given(TEXTS, TEXTS, PERCENTAGES, PERCENTAGES)
def test_a_larger_holdout_only_adds_users(salt: str, user: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    held = [arm("live", user, held=holdout(f"{share}%", salt)) is Arm.HOLDOUT for share in (low, high)]
    assert held != [True, False]


@pytest.mark.parametrize("percent", [1, 10, 50, 99])
def test_as_many_users_get_offers_as_the_share_says(percent: int) -> None:
    shown = sum(arm(f"{percent}%", user) is Arm.SHOWN for user in USERS)
    expected, share = len(USERS) * percent / 100, percent / 100
    assert abs(shown - expected) < 5 * math.sqrt(len(USERS) * share * (1 - share))


@given(TEXTS, TEXTS)
def test_limits_of_the_share(trigger: str, user: str) -> None:
    assert arm("0%", user, trigger) is Arm.CONTROL
    assert arm("100%", user, trigger) is arm("live", user, trigger) is Arm.SHOWN
    assert arm("ghost", user, trigger) is Arm.GHOST
    assert arm("live", user, trigger, holdout("100%")) is arm("ghost", user, trigger, holdout("100%"))
    assert arm("live", user, trigger, holdout("0%")) is Arm.SHOWN


def test_holdout_is_the_same_users_for_all_triggers_and_comes_before_the_share() -> None:
    held = holdout("20%", "2026-q4")
    for user in USERS[:2000]:
        arms = {arm(share, user, trigger, held) for trigger in ("t1", "t2") for share in ("ghost", "10%")}
        assert (Arm.HOLDOUT in arms) == (arms == {Arm.HOLDOUT})


@pytest.mark.parametrize(
    ("share", "held", "probabilities"),
    [
        ("live", None, (1.0, 0.0)),
        ("10%", None, (0.1, 0.0)),
        ("ghost", None, (0.0, 0.0)),
        ("live", "5%", (0.95, 0.05)),
        ("50%", "20%", (0.4, 0.2)),
        ("ghost", "5%", (0.0, 0.05)),
    ],
)
def test_probability_of_the_offer_is_the_same_for_all_users(
    share: str, held: str | None, probabilities: tuple[float, float]
) -> None:
    settings = holdout(held) if held else None
    for user in USERS[:200]:
        found = allocate(rollout(share), settings, "t", user)
        assert (found.show_probability, found.holdout_probability) == pytest.approx(probabilities)


# --- variants ----------------------------------------------------------------------------------------------


@given(st.floats(0, 1, exclude_max=True), st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=8))
def test_choice_is_the_weight_at_that_place(place: float, weights: list[float]) -> None:
    chosen = weighted_choice(place, weights)
    before, after = sum(weights[:chosen]), sum(weights[: chosen + 1])
    assert before <= place * sum(weights) * (1 + 1e-9)
    assert place * sum(weights) <= after * (1 + 1e-9)


def test_choices_follow_the_weights() -> None:
    counts = Counter(weighted_choice(number / 20_000, [1, 2, 7]) for number in range(20_000))
    assert [counts[each] / 20_000 for each in range(3)] == pytest.approx([0.1, 0.2, 0.7], abs=0.001)
