"""Makes one proposal of what several miners found, and puts the proposals in order.

The order is by cost: how often the slow way was gone, times the seconds that it costs more each time. Of
equal ones, the one with more users comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind

__all__ = ["MAX_PROPOSALS", "merged"]

#: More proposals than this, nobody reads; the cheapest ones are left out.
MAX_PROPOSALS = 40
#: Two ways are the same if they share this part of their acts: of the shorter one if both reach the same,
#: else of the longer one.
_SAME_WAY = 0.6
#: A workflow is part of a slow or fast way if this part of its acts is.
_COVERED = 0.8


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each slow way or workflow, the most costly first, each with an id of its own.

    Of two findings of the same slow way, the one with a fast way stays, or else the more costly one. A
    workflow that is a way of another finding is left out: a golden path must not teach the slow way, and the
    fast one is already proposed.

    Args:
        findings: what all miners found.
    """
    ordered = sorted(findings, key=_worth)
    kept: list[Finding] = []
    for finding in ordered:
        if finding.kind is not FindingKind.WORKFLOW and not any(_is_same(finding, other) for other in kept):
            kept.append(finding)
    for finding in ordered:
        if finding.kind is FindingKind.WORKFLOW and not any(_covers(other, finding) for other in kept):
            kept.append(finding)
    return _with_own_ids(sorted(kept, key=_rank)[:MAX_PROPOSALS])


def _worth(finding: Finding) -> tuple[bool, float, int, str]:
    return not finding.fast_way, *_rank(finding)


def _rank(finding: Finding) -> tuple[float, int, str]:
    return -round(finding.total_cost_s, 3), -finding.users, finding.id


def _names(acts: Iterable[Act]) -> frozenset[tuple[str, str]]:
    """Return what identifies acts, whatever the type: a click into a field and its change are one."""
    return frozenset((act.page, act.element_id or act.label) for act in acts if not act.is_page_view)


def _is_same(one: Finding, other: Finding) -> bool:
    if FindingKind.STALL in (one.kind, other.kind) and one.kind is not other.kind:
        return False  # giving up is not a way to the end
    slow, others = _names(one.slow_way), _names(other.slow_way)
    fast, others_fast = _names(one.fast_way), _names(other.fast_way)
    if fast and _share(fast, others_fast, min) >= _SAME_WAY and slow & others:
        return True
    if one.goal is not None and one.goal == other.goal:
        return _share(slow, others, min) >= _SAME_WAY
    return _share(slow, others, max) >= _SAME_WAY


def _share(
    one: frozenset[tuple[str, str]],
    other: frozenset[tuple[str, str]],
    size: Callable[[int, int], int],
) -> float:
    return len(one & other) / max(1, size(len(one), len(other)))


def _covers(other: Finding, workflow: Finding) -> bool:
    if other.kind is FindingKind.STALL:
        return False  # it helps at one step only
    own = _names(workflow.slow_way)
    ways = _names(other.slow_way), _names(other.fast_way)
    return bool(own) and any(len(own & way) >= _COVERED * len(own) for way in ways)


def _with_own_ids(findings: list[Finding]) -> list[Finding]:
    taken: set[str] = set()
    result = []
    for finding in findings:
        number, own = 1, finding.id
        while own in taken:
            number += 1
            own = f"{finding.id}-{number}"
        taken.add(own)
        result.append(finding if own == finding.id else _renamed(finding, own))
    return result


def _renamed(finding: Finding, own: str) -> Finding:
    trigger = {**finding.trigger, "id": own}
    if "golden_path" in trigger:
        trigger["golden_path"] = own
    return replace(finding, id=own, trigger=trigger)
