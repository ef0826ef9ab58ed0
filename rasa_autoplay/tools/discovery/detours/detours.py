"""Finds detours: different ways to the same end, of which one costs more.

Two ways are compared from what they have in common: the same act, or the page where both begin. The longer
one must cost more acts and more time, for each user once, and more than chance explains, however many pairs
were compared. Two ways to one act that fill in different numbers of fields are different tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.statistics import smaller_than_chance
from rasa_autoplay.tools.discovery.findings.trigger_settings import LONGEST_S, rule, slug
from rasa_autoplay.tools.discovery.flows.flows import Flow, Flows
from rasa_autoplay.tools.discovery.flows.ways import Way
from rasa_autoplay.tools.discovery.steps.control_patterns import pattern_of_control
from rasa_autoplay.tools.discovery.steps.costs import Costs, costs_of, examples_of, medians_by_user
from rasa_autoplay.tools.discovery.steps.path_of_controls import path_of_controls
from rasa_autoplay.tools.discovery.steps.steps import NOWHERE, Steps

__all__ = ["Detour", "detours_of", "find"]

#: The slow way has at least so many acts of its own, and costs so many times as much, and so many acts more.
_OWN_ACTS, _MIN_RATIO, _MIN_MORE = 2, 1.3, 2.0
#: So large a share of the times must begin on one page.
_SAME_START = 0.5
#: The largest probability of chance, after the correction for all pairs that were compared.
_MAX_CHANCE = 1e-3
#: If so many of an act's users reach the goal, it alone announces the slow way.
_ANNOUNCES = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Detour:
    """A detour.

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

    def more(self) -> tuple[float, float, float, float]:
        """Return the medians of acts and seconds: slow acts, fast acts, slow seconds, fast seconds."""
        slow, fast = self.slow_costs, self.fast_costs
        return (
            _middle(slow.acts, slow.user),
            _middle(fast.acts, fast.user),
            _middle(slow.took_s, slow.user),
            _middle(fast.took_s, fast.user),
        )


def _middle(values: NDArray[np.float64], user: NDArray[np.int32]) -> float:
    return float(np.median(medians_by_user(values, user)))


def _own(way: Way, other: Way) -> tuple[int, ...]:
    return tuple(step for step in way.needed if step not in other.steps)


def detours_of(flows: Flows) -> list[Detour]:
    """Return the detours: for each end and slow way the best fast one, the most expensive first."""
    compared = [detour for flow in (*flows.flows, *flows.arrivals) for detour in _pairs(flows, flow)]
    proved = [each for each in compared if _is_longer(each) and each.chance * len(compared) <= _MAX_CHANCE]
    proved.sort(key=lambda each: (-each.slow.users, each.more()[3], each.slow.steps, each.fast.steps))
    kept: list[Detour] = []
    for detour in proved:
        if not any(set(detour.own_slow) & set(other.own_slow) for other in kept):
            kept.append(detour)
    return kept


def _pairs(flows: Flows, flow: Flow) -> Iterator[Detour]:
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
    slow_acts, fast_acts, slow_s, fast_s = detour.more()
    return (
        slow_acts >= fast_acts + _MIN_MORE
        and slow_acts >= _MIN_RATIO * fast_acts
        and slow_s >= _MIN_RATIO * fast_s
    )


def find(flows: Flows, detours: Sequence[Detour]) -> list[Finding]:
    """Return the findings about detours.

    Args:
        flows: the flows.
        detours: the detours to propose.
    """
    return [_finding(flows, detour) for detour in detours]


def _finding(flows: Flows, detour: Detour) -> Finding:
    slow, fast = _acts(flows, detour, detour.slow), _acts(flows, detour, detour.fast)
    goal = slow[-1] if detour.flow.goal >= 0 else _arrival(flows, detour.flow)
    finding_id = slug("detour", goal.label, slow[0].label, flows.act(detour.own_slow[0]).label)
    controls = _controls(detour, detour.fast)
    optional = [place for place, step in enumerate(controls) if step in detour.fast.optional]
    path = path_of_controls([flows.steps.controls.known[c] for c in controls], optional)
    slow_acts, fast_acts, slow_s, fast_s = detour.more()
    costs = detour.slow_costs
    return Finding(
        kind=FindingKind.DETOUR,
        id=finding_id,
        title=_title(detour, flows, goal, (slow_acts, fast_acts)),
        page=slow[0].page,
        slow_way=slow,
        fast_way=fast,
        goal=goal,
        users=costs.users,
        sessions=len(np.unique(flows.steps.columns.session[flows.steps.row[costs.first]])),
        times=len(costs.first),
        extra_acts=slow_acts - fast_acts,
        extra_s=slow_s - fast_s,
        examples=examples_of(flows.steps, costs),
        trigger=_trigger(flows, detour, finding_id, goal, finding_id if path else ""),
        path=path,
    )


def _controls(detour: Detour, way: Way) -> tuple[int, ...]:
    return (*way.steps, detour.flow.goal) if detour.flow.goal >= 0 else way.steps


def _acts(flows: Flows, detour: Detour, way: Way) -> tuple[Act, ...]:
    return flows.acts(_controls(detour, way))


def _arrival(flows: Flows, flow: Flow) -> Act:
    page = flows.steps.columns.pages[flow.page]
    return next(
        (act for act in flows.steps.columns.acts if act.is_page_view and act.page == page),
        Act(page, "", "", "pageview"),
    )


def _title(detour: Detour, flows: Flows, goal: Act, acts: tuple[float, float]) -> str:
    return (
        f'{detour.slow.users} users reach "{goal.label}" with {acts[0]:.0f} acts, by '
        f'"{flows.act(detour.own_slow[0]).label}"; with "{flows.act(detour.own_fast[0]).label}" it takes '
        f"{acts[1]:.0f}."
    )


def _trigger(flows: Flows, detour: Detour, finding_id: str, goal: Act, path: str) -> dict[str, object]:
    known = flows.steps.controls.known
    own = detour.own_slow
    # The offer comes as early as the slow way can be told from others.
    is_clear = detour.flow.goal >= 0 and flows.following.share[own[0], detour.flow.goal] >= _ANNOUNCES
    announced = own[:1] if is_clear and len(own) > 2 else own[:2]
    first = (detour.start, own[0]) if detour.start >= 0 else announced
    acts = [pattern_of_control(known[control]) for control in first]
    if len(acts) == 1:
        begun: dict[str, object] = {"count": {**acts[0], "at_least": 1, "within": f"{LONGEST_S}s"}}
    else:
        begun = {"sequence": acts, "within": f"{LONGEST_S}s"}
    when: list[dict[str, object]] = [begun, {"never": pattern_of_control(known[detour.own_fast[0]])}]
    if detour.flow.goal >= 0:
        when.append({"absent": {**pattern_of_control(known[detour.flow.goal]), "within": "60s"}})
    body = "There is a shorter way to do this. Shall I show you?"
    reached = {"count": {**pattern_of_control(known[detour.own_fast[0]]), "at_least": 1}, "within": "1d"}
    return rule(finding_id, body, when, reached, path=path)
