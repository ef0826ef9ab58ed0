"""Finds the section of the app that the user is in, and the time spent in each section.

A section is a set of URL prefixes: ``{"prefix": "https://app.example.com/pay", "section_id": "pay"}``.
A *section playbook* has a text for each section; a *product section playbook* has the user's visits to each.
The formats and rules are those of the vendor's SDK.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from rasa_autoplay.events.models import SlimAction

__all__ = [
    "build_product_section_playbook",
    "resolve_section_id",
    "resolve_section_id_for_playbook",
    "top_playbook_section_id",
    "total_dwell_seconds",
]

_UNMAPPED = "other"


def resolve_section_id(canonical_url: str, rules: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the section of the first rule whose prefix the URL begins with, or None.

    Prefixes are compared exactly, including slashes and case. Rules without a prefix or section are skipped.
    """
    url = (canonical_url or "").strip()
    for rule in rules:
        prefix, section = (rule.get("prefix") or "").strip(), (rule.get("section_id") or "").strip()
        if prefix and section and url.startswith(prefix):
            return section
    return None


@dataclass
class _Visits:
    first_at: float
    last_at: float
    seconds: list[float] = field(default_factory=list)

    def add(self, action: SlimAction, *, returned: bool) -> None:
        self.first_at = min(self.first_at, action.timestamp_start)
        self.last_at = max(self.last_at, action.timestamp_end)
        seconds = max(0.0, action.timestamp_end - action.timestamp_start)
        if returned:
            self.seconds.append(seconds)
        else:
            self.seconds[-1] += seconds

    def report(self) -> dict[str, Any]:
        return {
            "visit_count": len(self.seconds),
            "dwell_seconds_per_visit": self.seconds,
            "first_visited_at": _iso8601(self.first_at),
            "last_visited_at": _iso8601(self.last_at),
        }


def build_product_section_playbook(
    actions: Sequence[SlimAction],
    *,
    rules: Sequence[Mapping[str, Any]],
    fallback_id: str | None = None,
) -> dict[str, Any]:
    """Count the user's visits to each section.

    Args:
        actions: in order of time. Coming back to a section begins a new visit.
        rules: the first rule whose prefix matches decides.
        fallback_id: the section of URLs that match no rule; ``"other"`` if blank.

    Returns:
        ``{"runtime": {"current_section_id": str}, "sections": {section_id: {"visit_count": int,
        "dwell_seconds_per_visit": [seconds], "first_visited_at": ISO-8601, "last_visited_at": ISO-8601}}}``;
        empty of sections without rules.
    """
    visits: dict[str, _Visits] = {}
    current = ""
    unmapped = str(fallback_id or "").strip() or _UNMAPPED
    for action in actions if rules else ():
        section = resolve_section_id(action.canonical_url, rules) or unmapped
        known = visits.setdefault(section, _Visits(action.timestamp_start, action.timestamp_end))
        known.add(action, returned=section != current)
        current = section
    return {
        "runtime": {"current_section_id": current},
        "sections": {section: known.report() for section, known in visits.items()},
    }


def _iso8601(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def top_playbook_section_id(
    product_section_playbook: Mapping[str, Any], section_playbook: Mapping[str, Any]
) -> str | None:
    """Return the section of the playbook in which the user spent most time, or None.

    Ties go to the section visited more often, then to the first in the alphabet.
    """
    if not isinstance(product_section_playbook, Mapping) or not isinstance(section_playbook, Mapping):
        return None
    sections = product_section_playbook.get("sections")
    if not isinstance(sections, Mapping):
        return None
    ranked = [
        (-total_dwell_seconds(stats), -int(stats.get("visit_count") or 0), section)
        for section, stats in sections.items()
        if section in section_playbook and isinstance(stats, Mapping)
    ]
    return min(ranked)[2] if ranked else None


def total_dwell_seconds(section: Mapping[str, Any]) -> float:
    """Return the time spent in a section, over all visits.

    Args:
        section: one entry of ``sections`` of a product section playbook.

    Returns:
        Seconds; 0 without ``dwell_seconds_per_visit``.
    """
    seconds = section.get("dwell_seconds_per_visit")
    return float(sum(map(float, seconds))) if isinstance(seconds, list) else 0.0


def resolve_section_id_for_playbook(context_extra: Mapping[str, Any]) -> str | None:
    """Return the section whose playbook entry applies.

    Args:
        context_extra: ``section_playbook``, and ``current_section_id`` or ``product_section_playbook``.

    Returns:
        ``current_section_id`` if the playbook has it; else the section with most time; else the current
        section of ``product_section_playbook``. None if the playbook has none of these.
    """
    book = context_extra.get("section_playbook")
    if not isinstance(book, Mapping):
        return None
    named = (context_extra.get("current_section_id") or "").strip()
    if named and named in book:
        return named
    visited = context_extra.get("product_section_playbook")
    if not isinstance(visited, Mapping):
        return None
    top = top_playbook_section_id(visited, book)
    if top:
        return top
    runtime = visited.get("runtime")
    current = (runtime.get("current_section_id") or "").strip() if isinstance(runtime, Mapping) else ""
    return current if current and current in book else None
