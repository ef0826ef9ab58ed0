"""Finds stalls: steps of workflows at which more users than elsewhere give up, fail, or try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.flows.flows import Flows
from rasa_autoplay.tools.discovery.stalls.attempts import Attempts, attempts_at
from rasa_autoplay.tools.discovery.stalls.signs_of_trouble import share_in_trouble
from rasa_autoplay.tools.discovery.stalls.stall_kind import StallKind
from rasa_autoplay.tools.discovery.stalls.stall_rates import (
    is_higher,
    pooled,
    stall_rates,
    stalled,
    without_highest,
)
from rasa_autoplay.tools.discovery.workflows.workflows import Workflow

__all__ = ["Stall", "stalls_of"]

#: Of those who give up, so many show signs of trouble, and so many times as many as those who go on.
_MIN_TROUBLE, _MORE_TROUBLE = 0.6, 1.4


@dataclass(frozen=True, slots=True, eq=False)
class Stall:
    """A step of a workflow at which users stall.

    Args:
        workflow: the workflow.
        place: the place of the step in the workflow, from 0.
        kinds: what users do there, the most frequent first.
        share: the share of the step's users who do the most frequent of these.
        elsewhere: the share of the users of other steps who do it there.
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


def stalls_of(flows: Flows, workflows: Sequence[Workflow]) -> list[Stall]:
    """Return the stalls, at most one for each workflow, those of most users first."""
    measured = [(workflow, attempts) for workflow in workflows if (attempts := _attempts(flows, workflow))]
    found: list[Stall] = []
    for kind in StallKind:
        rates = [stall_rates(flows.steps, attempts, kind) for _, attempts in measured]
        ordinary = without_highest([rate for each in rates for rate in each.values()])
        compared = sum(map(len, rates))
        for (workflow, attempts), each in zip(measured, rates, strict=True):
            for place, rate in each.items():
                elsewhere = pooled([other for other in ordinary if other is not rate])
                if is_higher(rate, elsewhere, compared):
                    affected = np.flatnonzero(stalled(flows.steps, attempts, kind, place))
                    found.append(
                        Stall(workflow, place, (kind,), rate.share, elsewhere.share, attempts, affected)
                    )
    found = [stall for stall in found if stall.users >= flows.min_users and _are_stuck(flows, stall)]
    found.sort(key=lambda stall: (-stall.users, stall.workflow.controls, stall.place, stall.kinds))
    kept: dict[Workflow, Stall] = {}
    for stall in found:
        first = kept.setdefault(stall.workflow, stall)
        if first is not stall and first.place == stall.place:
            kept[stall.workflow] = _joined(first, stall)
    return list(kept.values())


def _are_stuck(flows: Flows, stall: Stall) -> bool:
    """Whether users are stuck. Those who give up may only have turned to something else."""
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
    # Users who reach another goal from here, such as the same goal in another language, did not give up.
    ends = {
        flow.goal
        for flow in flows.flows
        if flow.goal not in own and any(own & set(way.steps) for way in flow.ways)
    }
    return attempts_at(
        flows.steps, workflow.controls, tuple(sorted(others - ends)), tuple(sorted(ends)), ~flows.steps.fails
    )
