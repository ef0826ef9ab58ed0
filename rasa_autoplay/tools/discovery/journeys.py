"""Finds detours, stalls and workflows: what they have in common is found once."""

from __future__ import annotations

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.detours import detours
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.flows.flows import flows_of
from rasa_autoplay.tools.discovery.stalls import stalls
from rasa_autoplay.tools.discovery.workflows import workflows

__all__ = ["find"]


def find(columns: Columns) -> list[Finding]:
    """Return detours, stalls and workflows.

    A workflow with a detour is not proposed once more by itself: two proposals would bring the same golden
    path. One with a stall is, because who begins it needs other help than who stands at that step.

    Args:
        columns: the recordings.
    """
    flows = flows_of(columns)
    known = workflows.workflows_of(flows)
    slow = detours.detours_of(flows)
    stalled = stalls.stalls_of(flows, known)
    told = {detour.flow.goal for detour in slow}
    others = [workflow for workflow in known if workflow.flow.goal not in told]
    return [
        *detours.find(flows, slow),
        *stalls.find(flows, stalled),
        *workflows.find(flows, others),
    ]
