"""Makes a finding of a workflow: a golden path, and a trigger for users who begin it and do not finish it."""

from __future__ import annotations

import numpy as np

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.trigger_settings import (
    LONGEST_S,
    goal_of,
    has_begun,
    names_in,
    rule,
    slug,
)
from rasa_autoplay.tools.discovery.flows.flows import Flows
from rasa_autoplay.tools.discovery.steps.control_patterns import pattern_of_control
from rasa_autoplay.tools.discovery.steps.costs import Costs, costs_of, examples_of
from rasa_autoplay.tools.discovery.workflows.workflows import Workflow

__all__ = ["workflow_finding"]

#: The offer comes when the user needs longer than so many percent of those who succeed (seconds).
_SLOW_PERCENT, _SOONEST_S = 90, 30


def workflow_finding(flows: Flows, workflow: Workflow) -> Finding:
    """Return the finding.

    Args:
        flows: the flows.
        workflow: the workflow.
    """
    costs = _costs(flows, workflow)
    acts = flows.acts(workflow.controls)
    finding_id = slug("workflow", acts[-1].label, names_in(acts[-1].page), acts[0].label)
    path = flows.path_of(workflow.controls, workflow.way.optional)
    return Finding(
        kind=FindingKind.WORKFLOW,
        id=finding_id,
        title=_title(acts, workflow.way.users),
        page=acts[0].page,
        slow_way=acts,
        fast_way=(),
        goal=acts[-1],
        users=costs.users,
        sessions=costs.sessions,
        times=len(costs.first),
        extra_acts=max(0.0, float(np.median(costs.acts)) - len(acts)),
        extra_s=float(np.median(costs.took_s) - np.percentile(costs.took_s, 25)),
        examples=examples_of(flows.steps, costs),
        trigger=_trigger(flows, workflow, finding_id, costs, has_path=path is not None),
        path=path,
    )


def _costs(flows: Flows, workflow: Workflow) -> Costs:
    """Return what the times cost in which users did a workflow."""
    episodes, chosen = workflow.flow.episodes, workflow.way.episodes
    own = episodes.places(chosen, workflow.way.steps)
    end = episodes.end[chosen]
    first = np.where(own >= 0, own, end[:, None]).min(axis=1)
    return costs_of(flows.steps, first, end)


def _title(acts: tuple[Act, ...], users: int) -> str:
    return f'{users} users do "{acts[0].label}", then {len(acts) - 2} more steps, then "{acts[-1].label}".'


def _trigger(
    flows: Flows, workflow: Workflow, finding_id: str, costs: Costs, *, has_path: bool
) -> dict[str, object]:
    known = flows.steps.controls.known
    first, second = (pattern_of_control(known[control]) for control in workflow.way.needed[:2])
    goal = pattern_of_control(known[workflow.flow.goal])
    slow_s = float(np.percentile(costs.took_s, _SLOW_PERCENT))
    after_s = int(min(LONGEST_S - 60, max(_SOONEST_S, -(-slow_s // 10) * 10)))
    when: list[dict[str, object]] = [
        has_begun([first, second]),
        {"absent": {**second, "within": f"{after_s}s"}},
        {"absent": {**goal, "within": f"{LONGEST_S}s"}},
    ]
    body = "You have begun this, but not finished it. Shall I show you the next steps?"
    return rule(
        finding_id, body, when, goal_of(flows.act(workflow.flow.goal)), path=finding_id if has_path else ""
    )
