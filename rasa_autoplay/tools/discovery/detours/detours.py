"""Finds detours: different ways to the same end, of which one costs more.

Two ways are compared from what they have in common: the same act, or the page where both begin. The longer
one must cost more acts and more time, for each user once, and more than chance explains, however many pairs
were compared. Two ways to one act that fill in different numbers of fields are different tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.findings.statistics import medians_by_user, smaller_than_chance
from rasa_autoplay.tools.discovery.flows.flows import Flow, Flows
from rasa_autoplay.tools.discovery.flows.ways import Way
from rasa_autoplay.tools.discovery.steps.costs import Costs, costs_of
from rasa_autoplay.tools.discovery.steps.steps import NOWHERE, Steps

__all__ = ["Detour", "MedianCosts", "detours_of"]

#: The slow way has at least so many acts of its own, and costs so many times as much, and so many acts more.
_OWN_ACTS, _MIN_RATIO, _MIN_MORE = 2, 1.3, 2.0
#: Two ways begin on the same page if so large a share of their times does.
_SAME_START = 0.5
#: The largest probability of chance, after the correction for all pairs that were compared.
_MAX_CHANCE = 1e-3


class MedianCosts(NamedTuple):
    """What the two ways of a detour cost for the median user: acts, and seconds."""

    slow_acts: float
    fast_acts: float
    slow_s: float
    fast_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Detour:
    """Two ways to one end, of which one costs more.

    Args:
        flow: the end, with all ways to it.
        slow: the long way.
        fast: the short way.
        slow_costs: what each time on the long way cost.
        fast_costs: what each time on the short way cost.
        start: the control with which both begin; -1 if they only begin on the same pages.
    """

    flow: Flow
    slow: Way
    fast: Way
    slow_costs: Costs
    fast_costs: Costs
    start: int

    @property
    def own_slow(self) -> tuple[int, ...]:
        """The controls that only the slow way needs, in order."""
        return _own(self.slow, self.fast)

    @property
    def own_fast(self) -> tuple[int, ...]:
        """The controls that only the fast way needs, in order."""
        return _own(self.fast, self.slow)

    @property
    def chance(self) -> float:
        """The probability that the difference is chance: the larger one of acts and seconds."""
        slow, fast = self.slow_costs, self.fast_costs
        pairs = ((fast.acts, slow.acts), (fast.took_s, slow.took_s))
        return max(
            smaller_than_chance(medians_by_user(short, fast.user), medians_by_user(long, slow.user))
            for short, long in pairs
        )

    def median_costs(self) -> MedianCosts:
        """Return what both ways cost; each user counts once."""
        slow, fast = self.slow_costs, self.fast_costs
        return MedianCosts(
            slow_acts=_median(slow.acts, slow.user),
            fast_acts=_median(fast.acts, fast.user),
            slow_s=_median(slow.took_s, slow.user),
            fast_s=_median(fast.took_s, fast.user),
        )


def _median(values: NDArray[np.float64], user: NDArray[np.int32]) -> float:
    return float(np.median(medians_by_user(values, user)))


def _own(way: Way, other: Way) -> tuple[int, ...]:
    return tuple(step for step in way.needed if step not in other.steps)


def detours_of(flows: Flows) -> list[Detour]:
    """Return the detours: for each end and slow way the best fast one, the most expensive first."""
    compared = [detour for flow in (*flows.flows, *flows.arrivals) for detour in _compared(flows, flow)]
    proved = [each for each in compared if _is_longer(each) and each.chance * len(compared) <= _MAX_CHANCE]
    proved.sort(
        key=lambda each: (-each.slow.users, each.median_costs().fast_s, each.slow.steps, each.fast.steps)
    )
    kept: list[Detour] = []
    for detour in proved:
        if not any(set(detour.own_slow) & set(other.own_slow) for other in kept):
            kept.append(detour)
    return kept


def _compared(flows: Flows, flow: Flow) -> Iterator[Detour]:
    """Yield each two ways to one end of which one may be a detour of the other."""
    known = flows.steps.controls.known
    for slow in flow.ways:
        for fast in flow.ways:
            own_slow, own_fast = _own(slow, fast), _own(fast, slow)
            if len(own_slow) < max(_OWN_ACTS, len(own_fast) + 1) or not own_fast:
                continue
            fields = [sum(known[step].is_field for step in own) for own in (own_slow, own_fast)]
            if flow.goal >= 0 and fields[0] != fields[1]:
                continue
            start = next((step for step in slow.needed if step in fast.needed), -1)
            if start >= 0 and slow.steps.index(start) > slow.steps.index(own_slow[0]):
                start = -1
            costs = _costs_from(flows.steps, flow, slow, fast, start)
            if costs is not None:
                yield Detour(flow, slow, fast, *costs, start)


def _costs_from(steps: Steps, flow: Flow, slow: Way, fast: Way, start: int) -> tuple[Costs, Costs] | None:
    """Return what two ways cost from where both begin; None if they begin in different places."""
    (first_slow, of_slow), (first_fast, of_fast) = (_first_steps(flow, way, start) for way in (slow, fast))
    end = flow.episodes.end
    if start < 0:
        before_slow, before_fast = _before(steps, first_slow), _before(steps, first_fast)
        # An act on the page of the other way's beginning may have opened the page where this one begins.
        pairs = ((first_slow, first_fast), (before_slow, first_fast), (first_slow, before_fast))
        pages = [(_main_page(steps, one), _main_page(steps, other)) for one, other in pairs]
        same = next((at for at, (one, other) in enumerate(pages) if one == other != NOWHERE), None)
        if same is None:
            return None
        first_slow, first_fast = pairs[same]
    return costs_of(steps, first_slow, end[of_slow]), costs_of(steps, first_fast, end[of_fast])


def _first_steps(flow: Flow, way: Way, start: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each time began, and which episodes these are."""
    episodes = flow.episodes
    at = episodes.places(way.episodes, (start,) if start >= 0 else way.steps)
    end = episodes.end[way.episodes]
    began = np.where(at >= 0, at, end[:, None]).min(axis=1)
    has_begun = (at >= 0).any(axis=1)
    return began[has_begun], way.episodes[has_begun]


def _before(steps: Steps, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the step before each; the step itself if it is the first of its stretch."""
    before = np.maximum(first - 1, 0)
    return np.where(steps.stretch[before] == steps.stretch[first], before, first)


def _main_page(steps: Steps, at: NDArray[np.int64]) -> int:
    """Return the page of most of these steps; :data:`NOWHERE` if there is none."""
    number = np.bincount(steps.page[at], minlength=len(steps.columns.pages))
    return int(number.argmax()) if number.max() >= _SAME_START * len(at) else NOWHERE


def _is_longer(detour: Detour) -> bool:
    costs = detour.median_costs()
    return (
        costs.slow_acts >= costs.fast_acts + _MIN_MORE
        and costs.slow_acts >= _MIN_RATIO * costs.fast_acts
        and costs.slow_s >= _MIN_RATIO * costs.fast_s
    )
