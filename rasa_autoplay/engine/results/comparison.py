"""Compares the users with an offer with those without it, from the counts of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from rasa_autoplay.engine.results.first_decisions import Against, ArmKey, Tally
from rasa_autoplay.engine.results.sample_ratio import SampleRatio, sample_ratio_of
from rasa_autoplay.engine.results.uplift import (
    Difference,
    Group,
    Stratum,
    difference_of,
    more_users_needed,
)

__all__ = ["Comparison", "Times", "compare", "comparisons_of", "failure_strata", "goal_strata"]

#: Quartiles are those of an even sample of this many users of an arm; their order is that of their ids.
_MOST_TIMES = 10_000
#: A difference below this share of the control's, or below the second number, is too small to look for.
_SMALLEST_PART, _SMALLEST = 0.1, 0.005


class Times(msgspec.Struct, frozen=True):
    """Times from the decision to the goal, of those users who reached it, in seconds.

    Args:
        lower_quartile_s: a quarter was faster.
        median_s: half was faster.
        upper_quartile_s: three quarters were faster.
    """

    lower_quartile_s: float
    median_s: float
    upper_quartile_s: float


class Comparison(msgspec.Struct, frozen=True):
    """What the offer changes.

    Args:
        against: with which users the users with the offer are compared.
        since: the earliest decision that counts, epoch seconds.
        running: users whose time for the goal is not over; they are not compared yet.
        goal: the shares of users who reached the goal.
        failures: the shares of users for whom something failed within 10 minutes.
        sample_ratio: whether chance divided the users as it should.
        effect: the size of effect for which ``more_users`` is meant: the difference so far, or the smallest
            one that is worth looking for.
        more_users: about how many more users it takes until half the interval is narrower than ``effect``;
            None if that cannot be said.
        treated_times: of the users with the offer; None if nobody reached the goal.
        control_times: of the users without it.
    """

    against: Against
    since: float
    running: int
    goal: Difference
    failures: Difference
    sample_ratio: SampleRatio
    effect: float
    more_users: int | None
    treated_times: Times | None
    control_times: Times | None


def comparisons_of(tallies: Mapping[ArmKey, Tally]) -> dict[tuple[str, str], Comparison]:
    """Return the comparison of each trigger and variant; that of all together has an empty trigger.

    A trigger that has control users is compared with these, and any other one with the holdout.
    """
    found: dict[tuple[str, str], dict[Against, dict[ArmKey, Tally]]] = {}
    for key, tally in tallies.items():
        by_kind = found.setdefault((key.trigger_id, key.variant), {})
        by_kind.setdefault(key.against, {})[key] = tally
    compared = {}
    for place, by_kind in sorted(found.items()):
        against = next(kind for kind in Against if kind in by_kind)
        compared[place] = compare(against, by_kind[against])
    return compared


def compare(against: Against, tallies: Mapping[ArmKey, Tally]) -> Comparison:
    """Compare the users of one trigger and variant, or of all triggers."""
    goal = goal_strata(tallies)
    difference = difference_of(goal)
    smallest = max(difference.control_share * _SMALLEST_PART, _SMALLEST)
    effect = max(abs(difference.difference), smallest)
    return Comparison(
        against=against,
        since=min(tally.since for tally in tallies.values()),
        running=sum(tally.users - tally.over for tally in tallies.values()),
        goal=difference,
        failures=difference_of(failure_strata(tallies)),
        sample_ratio=sample_ratio_of(_strata(tallies, lambda tally: Group(tally.users, 0))),
        effect=effect,
        more_users=more_users_needed(goal, effect),
        treated_times=_times(tally for key, tally in tallies.items() if _is_treated(key)),
        control_times=_times(tally for key, tally in tallies.items() if not _is_treated(key)),
    )


def goal_strata(tallies: Mapping[ArmKey, Tally]) -> list[Stratum]:
    """Return the users whose time for the goal is over, by the probability with which chance divided them."""
    return _strata(tallies, lambda tally: Group(tally.over, tally.reached))


def failure_strata(tallies: Mapping[ArmKey, Tally]) -> list[Stratum]:
    """Return the users past the time in which a failure counts; see :func:`goal_strata`."""
    return _strata(tallies, lambda tally: Group(tally.watched, tally.failed))


def _is_treated(key: ArmKey) -> bool:
    return key.arm == "shown"


def _probability(key: ArmKey) -> float:
    """The probability that chance gave the user the offer, and not the other arm of the comparison."""
    shown, held_out = key.show_probability, key.holdout_probability
    if key.against is Against.OVERALL:
        return 1 - held_out
    return shown / (shown + held_out if key.against is Against.HOLDOUT else 1 - held_out)


def _strata(tallies: Mapping[ArmKey, Tally], group_of: Callable[[Tally], Group]) -> list[Stratum]:
    groups: dict[float, list[Group]] = {}
    for key, tally in tallies.items():
        pair = groups.setdefault(round(_probability(key), 9), [Group(), Group()])
        pair[0 if _is_treated(key) else 1] += group_of(tally)
    return [Stratum(probability, *pair) for probability, pair in sorted(groups.items())]


def _times(tallies: Iterable[Tally]) -> Times | None:
    # Sorting all of a million would hold up the engine's other threads.
    seconds = sorted(second for tally in tallies for second in tally.seconds[:: _stride(tally)])
    return Times(*(_quartile(seconds, quarter) for quarter in (1, 2, 3))) if seconds else None


def _stride(tally: Tally) -> int:
    return -(-len(tally.seconds) // _MOST_TIMES) or 1


def _quartile(seconds: Sequence[float], quarter: int) -> float:
    """By nearest rank."""
    return seconds[-(-len(seconds) * quarter // 4) - 1]
