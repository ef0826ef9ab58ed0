"""What a proposal's folder claims, read from ``trigger.yml``, ``path.yml`` and ``evidence.json`` alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Claim", "ClaimedAct", "read_claims"]

_MAX_BYTES = 1 << 20
_OPPOSITES = ("never", "absent", "not")


@dataclass(frozen=True, slots=True)
class ClaimedAct:
    """An act that a proposal names. Each field is a pattern as in ``autoplay.yml``, or None.

    Args:
        page: of the canonical URL.
        element: of the DOM id.
        title: of the action's title, or of the control's label.
        type: the action's type; empty if the proposal does not say.
        is_name: whether the title is a name for people, which may contain one record's name or number.
    """

    page: Any = None
    element: Any = None
    title: Any = None
    type: str = ""
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What one proposal says.

    Args:
        id: the folder's name.
        kind: as in ``evidence.json``; empty if it does not say.
        page: the page that it is about; empty if it does not say.
        slow: the acts of the slow way, by ``evidence.json``.
        fast: the acts of the fast way, by ``evidence.json``.
        fires_on: the actions that make the trigger fire.
        unless: the actions that keep it from firing.
        steps: the acts of ``path.yml``; empty without the file.
        goal: the act that shows success; empty without one.
        trouble: why people could not use it; empty if they can.
    """

    id: str
    kind: str = ""
    page: str = ""
    slow: tuple[ClaimedAct, ...] = ()
    fast: tuple[ClaimedAct, ...] = ()
    fires_on: tuple[ClaimedAct, ...] = ()
    unless: tuple[ClaimedAct, ...] = ()
    steps: tuple[ClaimedAct, ...] = ()
    goal: tuple[ClaimedAct, ...] = ()
    trouble: str = ""


def read_claims(folder: Path) -> list[Claim]:
    """Read all proposals of a folder, in the order of their names.

    Args:
        folder: what ``discover --out`` has written.
    """
    if not folder.is_dir():
        return []
    return [_claim(each) for each in sorted(folder.iterdir()) if each.is_dir()]


def _claim(folder: Path) -> Claim:
    try:
        trigger = _mapping(folder / "trigger.yml")
        path = _mapping(folder / "path.yml") if (folder / "path.yml").exists() else {}
        evidence = _evidence(folder / "evidence.json")
        return _read(folder.name, trigger, path, evidence)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, yaml.YAMLError) as problem:
        return Claim(folder.name, trouble=f"{type(problem).__name__}: {str(problem).splitlines()[0][:100]}")


def _mapping(file: Path) -> dict[str, Any]:
    if file.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{file.name} is larger than 1 MiB")
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not isinstance(data, dict):
        raise TypeError(f"{file.name} is no mapping")
    return data


def _evidence(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    if file.stat().st_size > 16 * _MAX_BYTES:
        raise ValueError("evidence.json is larger than 16 MiB")
    data = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise TypeError("evidence.json is no object")
    found = data.get("found")
    return {**data, **found} if isinstance(found, dict) else data


def _read(name: str, trigger: dict[str, Any], path: dict[str, Any], evidence: dict[str, Any]) -> Claim:
    if not trigger.get("id") or not ({"when", "builtin"} & trigger.keys()):
        raise ValueError("trigger.yml has no id or no condition")
    goal = evidence.get("goal")
    goals = tuple(_acts([goal])) if goal else tuple(_conditions(_goal(trigger), False))
    return Claim(
        name,
        str(evidence.get("kind") or "").replace("-", "_").lower(),
        str(evidence.get("page") or ""),
        tuple(_acts(evidence.get("slow_way"))),
        tuple(_acts(evidence.get("fast_way"))),
        tuple(_conditions(trigger.get("when"), False)),
        tuple(_conditions(trigger.get("when"), True)),
        tuple(_steps(path)),
        goals,
    )


def _goal(trigger: dict[str, Any]) -> Any:
    goal = trigger.get("goal")
    return goal.get("when", goal.get("condition", goal)) if isinstance(goal, dict) else goal


def _acts(listed: Any) -> Iterator[ClaimedAct]:
    """Yield the acts of a way in ``evidence.json``, which has their names or their fields."""
    listed = listed.get("acts") if isinstance(listed, Mapping) else listed
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, str) and each.startswith("Open /"):
            yield ClaimedAct(each.removeprefix("Open "), type="pageview")
        elif isinstance(each, str):
            yield ClaimedAct(title=each, is_name=True)
        elif isinstance(each, Mapping):
            element = each.get("element_id") or each.get("element")
            title = each.get("title") or each.get("label")
            page = each.get("page") or each.get("canonical_url")
            if element or title or page:
                yield ClaimedAct(page, element, title, str(each.get("type") or ""))


_FIELDS = {"page", "element_id", "title", "description", "type"}


def _conditions(condition: Any, negated: bool, *, inside: bool = False) -> Iterator[ClaimedAct]:
    """Yield the actions that a condition selects: those that must happen, or (negated) must not."""
    if isinstance(condition, list):
        for each in condition:
            yield from _conditions(each, negated, inside=inside)
    elif isinstance(condition, Mapping):
        is_view = "page" in condition and str(condition.get("type")) == "pageview"
        if inside == negated and (is_view or {"element_id", "title"} & condition.keys()):
            yield _selected(condition)
        for key, value in condition.items():
            if key not in _FIELDS:
                yield from _conditions(value, negated, inside=inside or key in _OPPOSITES)


def _selected(fields: Mapping[str, Any]) -> ClaimedAct:
    return ClaimedAct(
        fields.get("page"), fields.get("element_id"), fields.get("title"), str(fields.get("type") or "")
    )


def _steps(path: dict[str, Any]) -> Iterable[ClaimedAct]:
    """Yield the acts of a golden path's steps; of a step with several ways, the first."""
    steps = path.get("steps")
    for step in steps if isinstance(steps, list) else []:
        done = step.get("done_when") or {}
        done = done.get("any", done) if isinstance(done, Mapping) else done
        done = done[0] if isinstance(done, list) and done else done
        if isinstance(done, Mapping) and done:
            yield _selected(done)
        elif step.get("label") or step.get("title"):
            yield ClaimedAct(title=step.get("label") or step.get("title"))
