"""A second implementation of ``docs/rules.md``: slow, obvious, and without any product code.

A rule is the parsed YAML; actions are read field by field; every question is answered from scratch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Seen", "fires"]


@dataclass
class Seen:
    """A session as it is known at one time.

    Args:
        actions: everything that has arrived, once each, in any order.
        now: epoch seconds.
        used_until: an offer has consumed the evidence up to this time, epoch seconds.
        lookback_s: the window's length in seconds, back from the newest action.
        max_actions: the window's capacity.
        history: the user's history; None without memory.
        positions: the progress in workflows; None without memory.
        email: the user's email address.
    """

    actions: Sequence[Any]
    now: float
    used_until: float = 0.0
    lookback_s: float = 300.0
    max_actions: int = 200
    history: Any = None
    positions: Mapping[str, Any] | None = None
    email: str = ""
    window: list[Any] = field(init=False)
    evidence: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        ordered = sorted(self.actions, key=lambda a: (a.timestamp_start, a.index))
        newest = ordered[-1].timestamp_start if ordered else 0.0
        kept = [a for a in ordered if a.timestamp_start >= newest - self.lookback_s]
        self.window = kept[-self.max_actions :]
        self.evidence = [a for a in self.window if a.timestamp_start > self.used_until]

    def recent(self, actions: Sequence[Any], within: str | None) -> list[Any]:
        """Return the actions that began within the duration that ends now, boundaries included."""
        length = self.lookback_s if within is None else _seconds(within)
        return [a for a in actions if self.now - a.timestamp_start <= length]

    @property
    def page(self) -> str:
        """The page of the newest action that has one."""
        pages = [a.canonical_url for a in self.window if a.canonical_url]
        return pages[-1] if pages else ""

    def stay(self) -> list[Any]:
        """The evidence since the user reached the current page, oldest first."""
        stay: list[Any] = []
        for action in reversed(self.evidence):
            if action.canonical_url and action.canonical_url != self.page:
                break
            stay.insert(0, action)
        while stay and not stay[0].canonical_url:
            del stay[0]
        return stay


def fires(rule: Any, seen: Seen) -> bool:
    """Return whether a rule is true now, with evidence that no offer has consumed."""
    return bool(seen.recent(seen.evidence, None)) and _holds(rule, seen)


def _seconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([smhd])", text).groups()  # type: ignore[union-attr]
    return float(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


def _fits(pattern: Any, text: str, *, page: bool = False) -> bool:
    if isinstance(pattern, list):
        return any(_fits(each, text, page=page) for each in pattern)
    if isinstance(pattern, dict) and "regex" in pattern:
        return bool(re.search(pattern["regex"], text))
    if isinstance(pattern, dict):
        path = re.sub(r"^https?://[^/]*", "", text) if page and pattern["exact"][0] == "/" else text
        return bool(path == pattern["exact"])
    return str(pattern).lower() in text.lower()


def _matching(wanted: Mapping[str, Any], actions: Sequence[Any]) -> list[Any]:
    found = list(actions)
    for name in ("title", "description", "type", "element_id"):
        if name in wanted:
            found = [a for a in found if _fits(wanted[name], getattr(a, name))]
    if "page" in wanted:
        found = [a for a in found if _fits(wanted["page"], a.canonical_url, page=True)]
    return found


def _holds(rule: Any, seen: Seen) -> bool:
    if isinstance(rule, list):
        return all(_holds(part, seen) for part in rule)
    return all(_KINDS[key](value, rule, seen) for key, value in rule.items() if key != "within")


def _count(value: Any, seen: Seen) -> bool:
    return len(_matching(value, seen.recent(seen.evidence, value.get("within")))) >= int(value["at_least"])


def _sequence(steps: Sequence[Any], within: str | None, seen: Seen) -> bool:
    return _sequence_in(steps, seen.recent(seen.evidence, within))


def _sequence_in(steps: Sequence[Any], actions: Sequence[Any]) -> bool:
    if not steps:
        return True
    # Try every action as the first step, then continue after it.
    return any(
        _matching(steps[0], [action]) and _sequence_in(steps[1:], actions[place + 1 :])
        for place, action in enumerate(actions)
    )


def _never(value: Any, seen: Seen) -> bool:
    if "within" in value:
        return _absent(value, seen)
    return not _matching(value, seen.actions)


def _absent(value: Any, seen: Seen) -> bool:
    return not _matching(value, seen.recent(seen.window, value["within"]))


def _dwell(value: Any, seen: Seen) -> bool:
    wanted = value if isinstance(value, dict) else {"at_least": value}
    stay = seen.stay()
    if not stay or len(stay) > wanted.get("max_actions", 10**9):
        return False
    return bool(seen.now - stay[0].timestamp_start >= _seconds(wanted["at_least"]))


def _idle(value: Any, seen: Seen) -> bool:
    return bool(seen.evidence) and bool(seen.now - seen.evidence[-1].timestamp_start >= _seconds(value))


def _repeat(value: Any, seen: Seen) -> bool:
    found = _matching(value, seen.recent(seen.evidence, value.get("within")))
    for one in found:
        same = [
            a
            for a in found
            if a.element_id == one.element_id
            and (a.element_id or a.title == one.title)
            and a.canonical_url == one.canonical_url
            and a.type == one.type
        ]
        if len(same) >= int(value["at_least"]):
            return True
    return False


def _failure(value: Any, seen: Seen) -> bool:
    kinds = value.get("kind", ["rage_click", "dead_click", "error", "failed_request"])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    row = 0
    for action in reversed(seen.recent(seen.evidence, value.get("within"))):
        url = action.canonical_url
        there = _fits(value["page"], url, page=True) if "page" in value else url == seen.page
        if url and not there:
            break
        row += action.signal in kinds
    return row >= int(value.get("at_least", 1))


def _segment(value: Any, seen: Seen) -> bool:
    verdicts = []
    if "email_domain" in value:
        wanted = value["email_domain"]
        domain = seen.email.split("@")[-1].lower()
        domains = [d.lower() for d in (wanted if isinstance(wanted, list) else [wanted])]
        verdicts.append(any(domain == d or domain.endswith("." + d) for d in domains))
    if "user" in value:
        new = seen.history is not None and seen.history.previous_visit_at is None
        verdicts.append(seen.history is not None and new == (value["user"] == "new"))
    if "away" in value:
        before = None if seen.history is None else seen.history.previous_visit_at
        verdicts.append(before is not None and seen.now - before >= _seconds(value["away"]))
    for name, wanted in value.get("properties", {}).items():
        found = None if seen.history is None else seen.history.properties.get(name)
        choices = wanted if isinstance(wanted, list) else [wanted]
        verdicts.append(found is not None and str(found).lower() in [str(c).lower() for c in choices])
    return all(verdicts)


def _named(value: Any, known: Mapping[str, Any]) -> list[Any]:
    if value in ("any", ["any"]):
        return list(known.values())
    return [known[each] for each in (value if isinstance(value, list) else [value]) if each in known]


def _memory(value: Any, seen: Seen) -> bool:
    if seen.history is None:
        return False
    verdicts = []
    for state in ("mastered", "in_progress", "untouched", "struggle"):
        if state not in value:
            continue
        fitting = [
            memory
            for memory in _named(value[state], seen.history.workflows)
            if (memory.struggles if state == "struggle" else memory.state == state)
            and memory.attempts >= value.get("attempts", 0)
            and memory.best_completion_pct < value.get("completion_below", 1000)
        ]
        verdicts.append(bool(fitting))
    return all(verdicts)


def _path(value: Any, seen: Seen) -> bool:
    if seen.positions is None:
        return False
    under_way = {i: p for i, p in seen.positions.items() if p.next_step}
    much = value.get("actions", 10**9)
    long = _seconds(value.get("for", "60s"))
    tests: dict[str, Callable[[Any], bool]] = {
        "begun": lambda p: True,
        "off_path": lambda p: bool(p.off_path),
        "skipped_step": lambda p: p.skipped_step != "",
        "stalled": lambda p: (
            not p.off_path and (seen.now - p.progressed_at >= long or p.actions_since >= much)
        ),
    }
    return all(
        any(test(position) for position in _named(value[key], under_way))
        for key, test in tests.items()
        if key in value
    )


_KINDS: dict[str, Callable[[Any, Any, Seen], bool]] = {
    "all": lambda value, _rule, seen: all(_holds(part, seen) for part in value),
    "any": lambda value, _rule, seen: any(_holds(part, seen) for part in value),
    "not": lambda value, _rule, seen: not _holds(value, seen),
    "on_page": lambda value, _rule, seen: seen.page != "" and _fits(value, seen.page, page=True),
    "count": lambda value, _rule, seen: _count(value, seen),
    "sequence": lambda value, rule, seen: _sequence(value, rule.get("within"), seen),
    "never": lambda value, _rule, seen: _never(value, seen),
    "absent": lambda value, _rule, seen: _absent(value, seen),
    "dwell": lambda value, _rule, seen: _dwell(value, seen),
    "idle": lambda value, _rule, seen: _idle(value, seen),
    "repeat": lambda value, _rule, seen: _repeat(value, seen),
    "failure": lambda value, _rule, seen: _failure(value, seen),
    "segment": lambda value, _rule, seen: _segment(value, seen),
    "memory": lambda value, _rule, seen: _memory(value, seen),
    "path": lambda value, _rule, seen: _path(value, seen),
}
