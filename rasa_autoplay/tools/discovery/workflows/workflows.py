"""Finds workflows: what many users do in one order before an act that ends in success."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rasa_autoplay.tools.discovery.flows.flows import Flow, Flows
from rasa_autoplay.tools.discovery.flows.ways import Way

__all__ = ["Workflow", "workflows_of"]

#: A workflow has at least so many needed steps before its goal.
_MIN_STEPS = 2
#: A way is the workflow of its goal if it explains so many of the users who reached the goal, ...
_MIN_OF_GOAL = 0.3
#: ... or if its last step leads to the goal for so many of its users.
_MIN_LEADING = 0.5
#: Two workflows of which one has so many of the other's steps are the same.
_SAME = 0.6
#: Of two translations, at most this share of the users does both.
_MAX_BOTH = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """What many users do in one order to reach a goal.

    Args:
        flow: its goal, with all ways to it.
        way: the way that most users take.
    """

    flow: Flow
    way: Way

    @property
    def controls(self) -> tuple[int, ...]:
        """The controls in order, with the goal."""
        return (*self.way.steps, self.flow.goal)

    @property
    def needed(self) -> frozenset[int]:
        """The controls that nearly all users need, with the goal."""
        return frozenset((*self.way.needed, self.flow.goal))


def workflows_of(flows: Flows) -> list[Workflow]:
    """Return the workflows, those of most users first."""
    found = [
        Workflow(flow, way)
        for flow in flows.flows
        for way in flow.ways
        if len(way.needed) >= _MIN_STEPS and _is_explained(flows, flow, way)
    ]
    found.sort(key=lambda workflow: (-workflow.way.users, workflow.controls))
    kept: list[Workflow] = []
    for workflow in found:
        is_part = any(workflow.needed < other.needed for other in found)
        is_known = any(
            _likeness(workflow, other) >= _SAME or _is_translation(flows, workflow, other) for other in kept
        )
        if not is_part and not is_known:
            kept.append(workflow)
    return kept


def _is_translation(flows: Flows, workflow: Workflow, other: Workflow) -> bool:
    """Whether other users do the same with other titles: too few of them to join the titles."""
    pairs = list(zip(flows.acts(workflow.controls), flows.acts(other.controls), strict=False))
    if len(workflow.controls) != len(other.controls) or any(
        one != two and (one.element_id or two.element_id or (one.page, one.type) != (two.page, two.type))
        for one, two in pairs
    ):
        return False
    users, others = (set(each.flow.episodes.user[each.way.episodes].tolist()) for each in (workflow, other))
    return len(users & others) <= _MAX_BOTH * min(len(users), len(others))


def _is_explained(flows: Flows, flow: Flow, way: Way) -> bool:
    """Whether users reach a goal because of a way, and did not only happen to go it before."""
    of_goal = way.users / max(len(np.unique(flow.episodes.user)), 1)
    leading = flows.following.share[way.needed[-1], flow.goal]
    return bool(of_goal >= _MIN_OF_GOAL or leading >= _MIN_LEADING)


def _likeness(workflow: Workflow, other: Workflow) -> float:
    common = len(set(workflow.controls) & set(other.controls))
    return common / min(len(workflow.controls), len(other.controls))
