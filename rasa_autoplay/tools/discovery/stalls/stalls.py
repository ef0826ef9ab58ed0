"""Finds stalls: steps of workflows at which more users than elsewhere give up, fail, or try again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.trigger_settings import slug
from rasa_autoplay.tools.discovery.flows.flows import Flows
from rasa_autoplay.tools.discovery.stalls.attempts import Attempts, attempts_at
from rasa_autoplay.tools.discovery.stalls.signs_of_trouble import share_in_trouble
from rasa_autoplay.tools.discovery.stalls.stall_triggers import StallKind, stall_trigger
from rasa_autoplay.tools.discovery.steps.costs import Costs, costs_of, examples_of
from rasa_autoplay.tools.discovery.steps.path_of_controls import path_of_controls
from rasa_autoplay.tools.discovery.steps.steps import NOWHERE
from rasa_autoplay.tools.discovery.workflows.workflows import Workflow

__all__ = ["Stall", "find", "stalls_of"]

#: So many users of a step stall there at least, and so many times the share elsewhere.
_MIN_SHARE, _MIN_RATIO = 0.1, 2.5
#: Of those who give up, so many show signs of trouble, and so many times as many as those who go on.
_MIN_TROUBLE, _MORE_TROUBLE = 0.6, 1.4
#: A page is where users stand after a step if it opened for so many.
_MOST = 0.5
#: A step done so often in a row, on the same record, is repeated.
_REPEATED = 3
#: The largest probability of chance, after the correction for all steps that were compared.
_MAX_CHANCE = 1e-3
#: Nobody is known to have lost more time at one step than this (seconds).
_MAX_LOST_S = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class Stall:
    """A stall.

    Args:
        workflow: the workflow.
        place: the place of its step.
        kinds: what users do there, the most frequent first.
        share: for which share of the step's users the most frequent is so.
        elsewhere: for which share of the users of other steps.
        attempts: the attempts at the workflow.
        affected: which of them stalled there (int64).
    """

    workflow: Workflow
    place: int
    kinds: tuple[StallKind, ...]
    share: float
    elsewhere: float
    attempts: Attempts
    affected: NDArray[np.int64]

    @property
    def users(self) -> int:
        """How many users stalled there."""
        return len(np.unique(self.attempts.user[self.affected]))


@dataclass(frozen=True, slots=True)
class _Rate:
    """For which share of a step's users something is so; each user counts once."""

    share: float
    users: int


def stalls_of(flows: Flows, workflows: Sequence[Workflow]) -> list[Stall]:
    """Return the stalls, at most one for each workflow, those of most users first."""
    measured = [(workflow, attempts) for workflow in workflows if (attempts := _attempts(flows, workflow))]
    found: list[Stall] = []
    for kind in StallKind:
        rates = [_rates(flows, attempts, kind) for _, attempts in measured]
        pooled = _ordinary([rate for each in rates for rate in each.values()])
        compared = sum(map(len, rates))
        for (workflow, attempts), each in zip(measured, rates, strict=True):
            for place, rate in each.items():
                elsewhere = _pooled([other for other in pooled if other is not rate])
                if _is_stall(rate, elsewhere, compared):
                    affected = np.flatnonzero(_is_so(flows, attempts, kind, place))
                    found.append(
                        Stall(workflow, place, (kind,), rate.share, elsewhere.share, attempts, affected)
                    )
    found = [stall for stall in found if stall.users >= flows.min_users and _is_trouble(flows, stall)]
    found.sort(key=lambda stall: (-stall.users, stall.workflow.controls, stall.place, stall.kinds))
    kept: dict[Workflow, Stall] = {}
    for stall in found:
        first = kept.setdefault(stall.workflow, stall)
        if first is not stall and first.place == stall.place:
            kept[stall.workflow] = _joined(first, stall)
    return list(kept.values())


def _is_trouble(flows: Flows, stall: Stall) -> bool:
    """Whether users are stuck. Giving up is none if they only turn to something else."""
    if stall.kinds != (StallKind.GIVE_UP,):
        return True
    at = stall.attempts.at[:, stall.place]
    others = np.setdiff1d(np.flatnonzero(at >= 0), stall.affected)
    stuck, ordinary = (
        share_in_trouble(flows.steps.columns, flows.steps.row[at[rows]]) for rows in (stall.affected, others)
    )
    return stuck >= max(_MIN_TROUBLE, _MORE_TROUBLE * ordinary)


def _joined(stall: Stall, other: Stall) -> Stall:
    affected = np.union1d(stall.affected, other.affected)
    return replace(stall, kinds=(*stall.kinds, *other.kinds), affected=affected)


def _attempts(flows: Flows, workflow: Workflow) -> Attempts:
    own = set(workflow.controls)
    others = {step for way in workflow.flow.ways for step in way.steps} - own
    # Whoever came to another end from here, such as the same one in another language, did not give up.
    ends = {
        flow.goal
        for flow in flows.flows
        if flow.goal not in own and any(own & set(way.steps) for way in flow.ways)
    }
    return attempts_at(
        flows.steps, workflow.controls, tuple(sorted(others - ends)), tuple(sorted(ends)), ~flows.steps.fails
    )


def _is_so(flows: Flows, attempts: Attempts, kind: StallKind, place: int) -> NDArray[np.bool_]:
    """Return which attempts stalled at a step in this way."""
    at = attempts.at[:, place]
    step = np.maximum(at, 0)
    is_so: NDArray[np.bool_]
    if kind is StallKind.GIVE_UP:
        is_so = (attempts.furthest == place) & ~attempts.is_done
    elif kind is StallKind.FAIL:
        is_so = (at >= 0) & flows.steps.fails[step]
    else:
        is_so = (at >= 0) & (flows.steps.times[step] >= _REPEATED)
    return is_so


def _rates(flows: Flows, attempts: Attempts, kind: StallKind) -> dict[int, _Rate]:
    """Return the rate of each step at which users can stall in this way."""
    goal = attempts.at.shape[1] - 1
    # A first step alone may belong to anything, and whoever did the last one did not give up.
    places = range(1, goal) if kind is StallKind.GIVE_UP else range(goal + 1)
    rates = {}
    for place in places:
        reached = attempts.at[:, place] >= 0
        if reached.any():
            rates[place] = _rate(_is_so(flows, attempts, kind, place)[reached], attempts.user[reached])
    return rates


def _rate(is_so: NDArray[np.bool_], user: NDArray[np.int32]) -> _Rate:
    _, of_row, times = np.unique(user, return_inverse=True, return_counts=True)
    share = np.bincount(of_row, weights=is_so) / times
    return _Rate(float(share.mean()), len(times))


def _ordinary(rates: Sequence[_Rate]) -> list[_Rate]:
    """Return the rates without the highest quarter, which may be stalls themselves."""
    return sorted(rates, key=lambda rate: rate.share)[: -(-3 * len(rates) // 4)]


def _pooled(rates: Sequence[_Rate]) -> _Rate:
    users = sum(rate.users for rate in rates)
    return _Rate(sum(rate.share * rate.users for rate in rates) / users if users else 0.0, users)


def _is_stall(rate: _Rate, elsewhere: _Rate, compared: int) -> bool:
    if not elsewhere.users or rate.share < max(_MIN_SHARE, _MIN_RATIO * elsewhere.share):
        return False
    both = _pooled([rate, elsewhere]).share
    spread = math.sqrt(both * (1 - both) * (1 / rate.users + 1 / elsewhere.users))
    chance = 0.5 * math.erfc((rate.share - elsewhere.share) / (spread * math.sqrt(2))) if spread else 1.0
    return chance * compared <= _MAX_CHANCE


def find(flows: Flows, stalls: Sequence[Stall]) -> list[Finding]:
    """Return the findings about stalls.

    Args:
        flows: the flows.
        stalls: the stalls to propose.
    """
    return [_finding(flows, stall) for stall in stalls]


def _finding(flows: Flows, stall: Stall) -> Finding:
    workflow = stall.workflow
    acts = flows.acts(workflow.controls)
    act = acts[stall.place]
    finding_id = slug("stall", act.label, " ".join(p for p in act.page.split("/") if p not in ("", ":id")))
    optional = [place for place, step in enumerate(workflow.controls) if step in workflow.way.optional]
    controls = [flows.steps.controls.known[control] for control in workflow.controls]
    path = path_of_controls(controls, optional)
    costs = _lost(flows, stall)
    normal = _normal(flows, stall)
    return Finding(
        kind=FindingKind.STALL,
        id=finding_id,
        title=_title(stall, acts),
        page=_page_of(flows, stall) or act.page,
        slow_way=acts[: stall.place + 1],
        fast_way=acts,
        goal=acts[-1],
        users=stall.users,
        sessions=len(np.unique(flows.steps.columns.session[flows.steps.row[costs.first]])),
        times=len(stall.affected),
        extra_acts=max(0.0, float(np.median(costs.acts)) - 1 - _median(normal.acts - 1)),
        extra_s=max(0.0, float(np.median(costs.took_s)) - _median(normal.took_s)),
        examples=examples_of(flows.steps, costs),
        trigger=stall_trigger(
            finding_id,
            stall.kinds,
            controls,
            stall.place,
            normal_s=float(np.percentile(normal.took_s, 90)) if len(normal.took_s) else 30.0,
            path=finding_id if path else "",
        ),
        path=path,
    )


def _page_of(flows: Flows, stall: Stall) -> str:
    """Return the page that the step opened before users gave up; empty if it opened none."""
    steps = flows.steps
    opened = steps.leads_to[stall.attempts.at[stall.affected, stall.place]]
    page = int(np.bincount(opened + 1, minlength=1).argmax()) - 1
    is_usual = stall.kinds[0] is StallKind.GIVE_UP and (opened == page).mean() >= _MOST
    return steps.columns.pages[page] if page != NOWHERE and is_usual else ""


def _title(stall: Stall, acts: tuple[Act, ...]) -> str:
    what = {
        StallKind.GIVE_UP: "give up after",
        StallKind.FAIL: "meet a failure at",
        StallKind.REPEAT: "repeat",
    }[stall.kinds[0]]
    return (
        f'{stall.share:.0%} of the users {what} "{acts[stall.place].label}" on the way to '
        f'"{acts[-1].label}"; elsewhere it is {stall.elsewhere:.0%}.'
    )


def _lost(flows: Flows, stall: Stall) -> Costs:
    """Return what users did from the step on, until they went on, turned away for long, or left."""
    first = stall.attempts.at[stall.affected, stall.place]
    end = np.searchsorted(flows.steps.stretch, flows.steps.stretch[first], side="right") - 1
    late = np.array(
        [_before(flows, int(a), int(b)) for a, b in zip(first.tolist(), end.tolist(), strict=True)], np.int64
    )
    goes_on = _next(stall, stall.affected)
    return costs_of(flows.steps, first, np.where(goes_on >= 0, goes_on, late))


def _before(flows: Flows, first: int, last: int) -> int:
    """Return the last step up to ``last`` on the same page and not too late."""
    time, page = flows.steps.time, flows.steps.page
    at = first
    while at < last and page[at + 1] == page[first] and time[at + 1] - time[first] <= _MAX_LOST_S:
        at += 1
    return at


def _next(stall: Stall, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the step with which each attempt went on; -1 if it did not."""
    at = stall.attempts.at[rows]
    first = at[:, [stall.place]]
    later = np.where((at > first) & (np.arange(at.shape[1]) > stall.place), at, np.iinfo(np.int64).max)
    nearest = later.min(axis=1, initial=np.iinfo(np.int64).max)
    return np.where(nearest < np.iinfo(np.int64).max, nearest, -1)


def _normal(flows: Flows, stall: Stall) -> Costs:
    """Return what it takes to go on from the step for those who do not stall."""
    rows = np.flatnonzero(stall.attempts.at[:, stall.place] >= 0)
    rows = np.setdiff1d(rows, stall.affected)
    goes_on = _next(stall, rows)
    rows, goes_on = rows[goes_on >= 0], goes_on[goes_on >= 0]
    return costs_of(flows.steps, stall.attempts.at[rows, stall.place], goes_on)


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else 0.0
