"""Finds detours, stalls and workflows, which all come from the flows of the app."""

from __future__ import annotations

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.detours.detour_finding import detour_finding
from rasa_autoplay.tools.discovery.detours.detours import detours_of
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.flows.flows import flows_of
from rasa_autoplay.tools.discovery.stalls.stall_finding import stall_finding
from rasa_autoplay.tools.discovery.stalls.stalls import stalls_of
from rasa_autoplay.tools.discovery.workflows.workflow_finding import workflow_finding
from rasa_autoplay.tools.discovery.workflows.workflows import workflows_of

__all__ = ["find_journeys"]


def find_journeys(columns: Columns) -> list[Finding]:
    """Return a finding for each detour, stall and workflow.

    The workflow of a detour is not proposed by itself: both proposals would bring the same golden path. The
    workflow of a stall is: users who begin it need other help than users who stall at one of its steps.

    Args:
        columns: the recordings.
    """
    flows = flows_of(columns)
    workflows = workflows_of(flows)
    detours = detours_of(flows)
    stalls = stalls_of(flows, workflows)
    goals_of_detours = {detour.flow.goal for detour in detours}
    others = [workflow for workflow in workflows if workflow.flow.goal not in goals_of_detours]
    return [
        *(detour_finding(flows, detour) for detour in detours),
        *(stall_finding(flows, stall) for stall in stalls),
        *(workflow_finding(flows, workflow) for workflow in others),
    ]
