"""Finds workflows: what many users do in one order before an act that ends in success.

Each becomes a draft of a golden path, and a trigger for users who begin it and do not come to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.trigger_settings import LONGEST_S, goal_of, rule, slug
from rasa_autoplay.tools.discovery.flows.flows import Flow, Flows
from rasa_autoplay.tools.discovery.flows.ways import Way
from rasa_autoplay.tools.discovery.steps.control_patterns import pattern_of_control
from rasa_autoplay.tools.discovery.steps.costs import Costs, costs_of, examples_of
from rasa_autoplay.tools.discovery.steps.path_of_controls import path_of_controls

__all__ = ["Workflow", "costs_of_workflow", "find", "workflows_of"]

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
#: The offer comes when the user needs longer than so many percent of those who succeed (seconds).
_SLOW_PERCENT, _SOONEST_S = 90, 30


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """A workflow.

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
    of_goal = way.users / max(len(np.unique(flow.episodes.user)), 1)
    leading = flows.following.share[way.needed[-1], flow.goal]
    return bool(of_goal >= _MIN_OF_GOAL or leading >= _MIN_LEADING)


def _likeness(workflow: Workflow, other: Workflow) -> float:
    common = len(set(workflow.controls) & set(other.controls))
    return common / min(len(workflow.controls), len(other.controls))


def costs_of_workflow(flows: Flows, workflow: Workflow) -> Costs:
    """Return what the times cost in which users did a workflow."""
    episodes, chosen = workflow.flow.episodes, workflow.way.episodes
    own = episodes.places(chosen, workflow.way.steps)
    end = episodes.end[chosen]
    first = np.where(own >= 0, own, end[:, None]).min(axis=1)
    return costs_of(flows.steps, first, end)


def find(flows: Flows, workflows: Sequence[Workflow]) -> list[Finding]:
    """Return the findings about workflows.

    Args:
        flows: the flows.
        workflows: the workflows to propose.
    """
    return [_finding(flows, workflow) for workflow in workflows]


def _finding(flows: Flows, workflow: Workflow) -> Finding:
    costs = costs_of_workflow(flows, workflow)
    acts = flows.acts(workflow.controls)
    finding_id = slug("workflow", acts[-1].label, _name_of(acts[-1].page), acts[0].label)
    known = flows.steps.controls.known
    optional = [place for place, step in enumerate(workflow.controls) if step in workflow.way.optional]
    path = path_of_controls([known[control] for control in workflow.controls], optional)
    return Finding(
        kind=FindingKind.WORKFLOW,
        id=finding_id,
        title=_title(acts, workflow.way.users),
        page=acts[0].page,
        slow_way=acts,
        fast_way=(),
        goal=acts[-1],
        users=costs.users,
        sessions=len(np.unique(flows.steps.columns.session[flows.steps.row[costs.first]])),
        times=len(costs.first),
        extra_acts=max(0.0, float(np.median(costs.acts)) - len(acts)),
        extra_s=float(np.median(costs.took_s) - np.percentile(costs.took_s, 25)),
        examples=examples_of(flows.steps, costs),
        trigger=_trigger(flows, workflow, finding_id, costs, has_path=path is not None),
        path=path,
    )


def _title(acts: tuple[Act, ...], users: int) -> str:
    return f'{users} users do "{acts[0].label}", then {len(acts) - 2} more steps, then "{acts[-1].label}".'


def _name_of(page: str) -> str:
    return " ".join(part for part in page.split("/") if part not in ("", ":id"))


def _trigger(
    flows: Flows, workflow: Workflow, finding_id: str, costs: Costs, *, has_path: bool
) -> dict[str, object]:
    known = flows.steps.controls.known
    first, second = (pattern_of_control(known[control]) for control in workflow.way.needed[:2])
    goal = pattern_of_control(known[workflow.flow.goal])
    slow_s = float(np.percentile(costs.took_s, _SLOW_PERCENT))
    after_s = int(min(LONGEST_S - 60, max(_SOONEST_S, -(-slow_s // 10) * 10)))
    when: list[dict[str, object]] = [
        {"sequence": [first, second], "within": f"{LONGEST_S}s"},
        {"absent": {**second, "within": f"{after_s}s"}},
        {"absent": {**goal, "within": f"{LONGEST_S}s"}},
    ]
    body = "You have begun this, but not finished it. Shall I show you the next steps?"
    return rule(
        finding_id, body, when, goal_of(flows.act(workflow.flow.goal)), path=finding_id if has_path else ""
    )
