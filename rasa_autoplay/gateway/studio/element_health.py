"""Judges the elements of golden paths by what browsers could not show and what users last did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["with_element_health"]


def with_element_health(path: Mapping[str, Any], health: Mapping[str, Any]) -> dict[str, Any]:
    """Return a golden path whose steps with an element also have its ``health``.

    ``health`` is ``{state, at, page, times}``. The state is ``invalid`` (browsers cannot read the selector),
    ``missing`` (a page could not show it, and no user has done the step since), ``found`` (a user did the
    step), or ``unknown``. ``at`` is when a page reported the problem last, epoch seconds.

    Args:
        path: of the engine's answer.
        health: of the engine, or of all engines together.
    """
    rows = [row for row in _problems(health) if row.get("path") == path["path_id"]]
    steps = [{**step, "health": _judge(step, rows) if step["element"] else None} for step in path["steps"]]
    return {**path, "steps": steps}


def _problems(health: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Over Redis, each engine reports the problems of its own users."""
    engines = health.get("engines")
    for each in engines.values() if isinstance(engines, Mapping) else (health,):
        yield from each.get("tour_problems") or ()


def _judge(step: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = [row for row in rows if row.get("step") == step["id"] and row.get("selector") == step["element"]]
    newest = max(own, key=lambda row: row.get("last_at") or 0.0, default=None)
    done_at = step["last_done_at"]
    if newest is None:
        return {"state": "unknown" if done_at is None else "found", "at": None, "page": "", "times": 0}
    at = newest.get("last_at") or 0.0
    is_found = newest["problem"] == "missing" and done_at is not None and done_at > at
    return {
        "state": "found" if is_found else newest["problem"],
        "at": at or None,
        "page": newest.get("page", ""),
        "times": sum(row.get("times", 0) for row in own),
    }
