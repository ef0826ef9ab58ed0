"""Makes a finding of a stall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.trigger_settings import names_in, slug
from rasa_autoplay.tools.discovery.flows.flows import Flows
from rasa_autoplay.tools.discovery.stalls.stall_kind import StallKind
from rasa_autoplay.tools.discovery.stalls.stall_triggers import stall_trigger
from rasa_autoplay.tools.discovery.stalls.stalls import Stall
from rasa_autoplay.tools.discovery.steps.costs import Costs, costs_of, examples_of
from rasa_autoplay.tools.discovery.steps.steps import NOWHERE

__all__ = ["stall_finding"]

#: A page is where users stand after a step if it opened for so many.
_MOST = 0.5
#: Nobody is known to have lost more time at one step than this (seconds).
_MAX_LOST_S = 600.0


def stall_finding(flows: Flows, stall: Stall) -> Finding:
    """Return the finding.

    Args:
        flows: the flows.
        stall: the stall.
    """
    workflow = stall.workflow
    acts = flows.acts(workflow.controls)
    act = acts[stall.place]
    finding_id = slug("stall", act.label, names_in(act.page))
    path = flows.path_of(workflow.controls, workflow.way.optional)
    costs = _costs_of_stalled(flows, stall)
    normal = _costs_of_others(flows, stall)
    return Finding(
        kind=FindingKind.STALL,
        id=finding_id,
        title=_title(stall, acts),
        page=_page_of(flows, stall) or act.page,
        slow_way=acts[: stall.place + 1],
        fast_way=acts,
        goal=acts[-1],
        users=stall.users,
        sessions=costs.sessions,
        times=len(stall.affected),
        extra_acts=max(0.0, float(np.median(costs.acts)) - 1 - _median(normal.acts - 1)),
        extra_s=max(0.0, float(np.median(costs.took_s)) - _median(normal.took_s)),
        examples=examples_of(flows.steps, costs),
        trigger=stall_trigger(
            finding_id,
            stall.kinds,
            [flows.steps.controls.known[control] for control in workflow.controls],
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


def _costs_of_stalled(flows: Flows, stall: Stall) -> Costs:
    """Return what users did from the step on, until they went on, turned away for long, or left."""
    first = stall.attempts.at[stall.affected, stall.place]
    end = np.searchsorted(flows.steps.stretch, flows.steps.stretch[first], side="right") - 1
    late = np.array(
        [_last_on_page(flows, int(a), int(b)) for a, b in zip(first.tolist(), end.tolist(), strict=True)],
        np.int64,
    )
    goes_on = _continued_at(stall, stall.affected)
    return costs_of(flows.steps, first, np.where(goes_on >= 0, goes_on, late))


def _last_on_page(flows: Flows, first: int, last: int) -> int:
    """Return the last step up to ``last`` on the same page and not too late."""
    time, page = flows.steps.time, flows.steps.page
    at = first
    while at < last and page[at + 1] == page[first] and time[at + 1] - time[first] <= _MAX_LOST_S:
        at += 1
    return at


def _continued_at(stall: Stall, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the step with which each attempt went on; -1 if it did not."""
    at = stall.attempts.at[rows]
    first = at[:, [stall.place]]
    later = np.where((at > first) & (np.arange(at.shape[1]) > stall.place), at, np.iinfo(np.int64).max)
    nearest = later.min(axis=1, initial=np.iinfo(np.int64).max)
    return np.where(nearest < np.iinfo(np.int64).max, nearest, -1)


def _costs_of_others(flows: Flows, stall: Stall) -> Costs:
    """Return what it takes to go on from the step for those who do not stall."""
    rows = np.flatnonzero(stall.attempts.at[:, stall.place] >= 0)
    rows = np.setdiff1d(rows, stall.affected)
    goes_on = _continued_at(stall, rows)
    rows, goes_on = rows[goes_on >= 0], goes_on[goes_on >= 0]
    return costs_of(flows.steps, stall.attempts.at[rows, stall.place], goes_on)


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else 0.0
