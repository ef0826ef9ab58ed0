"""Makes a finding of a detour."""

from __future__ import annotations

from rasa_autoplay.tools.discovery.detours.detours import Detour, MedianCosts
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.trigger_settings import has_begun, rule, slug
from rasa_autoplay.tools.discovery.flows.flows import Flow, Flows
from rasa_autoplay.tools.discovery.flows.ways import Way
from rasa_autoplay.tools.discovery.steps.control_patterns import pattern_of_control
from rasa_autoplay.tools.discovery.steps.costs import examples_of

__all__ = ["detour_finding"]

#: If so many of an act's users reach the goal, it alone announces the slow way.
_ANNOUNCES = 0.5


def detour_finding(flows: Flows, detour: Detour) -> Finding:
    """Return the finding.

    Args:
        flows: the flows.
        detour: the detour.
    """
    slow, fast = _acts(flows, detour, detour.slow), _acts(flows, detour, detour.fast)
    goal = slow[-1] if detour.flow.goal >= 0 else _arrival(flows, detour.flow)
    finding_id = slug("detour", goal.label, slow[0].label, flows.act(detour.own_slow[0]).label)
    path = flows.path_of(_controls(detour, detour.fast), detour.fast.optional)
    costs, medians = detour.slow_costs, detour.median_costs()
    return Finding(
        kind=FindingKind.DETOUR,
        id=finding_id,
        title=_title(flows, detour, goal, medians),
        page=slow[0].page,
        slow_way=slow,
        fast_way=fast,
        goal=goal,
        users=costs.users,
        sessions=costs.sessions,
        times=len(costs.first),
        extra_acts=medians.slow_acts - medians.fast_acts,
        extra_s=medians.slow_s - medians.fast_s,
        examples=examples_of(flows.steps, costs),
        trigger=_trigger(flows, detour, finding_id, goal, finding_id if path else ""),
        path=path,
    )


def _controls(detour: Detour, way: Way) -> tuple[int, ...]:
    return (*way.steps, detour.flow.goal) if detour.flow.goal >= 0 else way.steps


def _acts(flows: Flows, detour: Detour, way: Way) -> tuple[Act, ...]:
    return flows.acts(_controls(detour, way))


def _arrival(flows: Flows, flow: Flow) -> Act:
    """Return the view of the page on which a flow ends."""
    page = flows.steps.columns.pages[flow.page]
    return next(
        (act for act in flows.steps.columns.acts if act.is_page_view and act.page == page),
        Act(page, "", "", "pageview"),
    )


def _title(flows: Flows, detour: Detour, goal: Act, medians: MedianCosts) -> str:
    slow, fast = flows.act(detour.own_slow[0]).label, flows.act(detour.own_fast[0]).label
    return (
        f'{detour.slow.users} users reach "{goal.label}" with {medians.slow_acts:.0f} acts, by "{slow}"; '
        f'with "{fast}" it takes {medians.fast_acts:.0f}.'
    )


def _trigger(flows: Flows, detour: Detour, finding_id: str, goal: Act, path: str) -> dict[str, object]:
    known = flows.steps.controls.known
    own = detour.own_slow
    # The offer comes as early as the slow way can be told from others.
    is_clear = detour.flow.goal >= 0 and flows.following.share[own[0], detour.flow.goal] >= _ANNOUNCES
    announced = own[:1] if is_clear and len(own) > 2 else own[:2]
    first = (detour.start, own[0]) if detour.start >= 0 else announced
    fast = pattern_of_control(known[detour.own_fast[0]])
    begun = has_begun([pattern_of_control(known[control]) for control in first])
    when: list[dict[str, object]] = [begun, {"never": fast}]
    if detour.flow.goal >= 0:
        when.append({"absent": {**pattern_of_control(known[detour.flow.goal]), "within": "60s"}})
    body = "There is a shorter way to do this. Shall I show you?"
    reached = {"count": {**fast, "at_least": 1}, "within": "1d"}
    return rule(finding_id, body, when, reached, path=path)
