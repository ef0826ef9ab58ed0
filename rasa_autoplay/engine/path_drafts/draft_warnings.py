"""What will make a golden path worse than it could be, although it is valid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.events.models import SlimAction

__all__ = ["DraftWarning", "warnings_of"]

_MOST_TOUR_STEPS = 5
_NUMBER = re.compile(r"\d")


class DraftWarning(NamedTuple):
    """A warning.

    Args:
        step: id of the step; empty for the whole path.
        message: what is not good, and what would be better.
    """

    step: str
    message: str


def warnings_of(
    draft: Mapping[str, Any], path: GoldenPath, controls: Mapping[str, set[str]]
) -> list[DraftWarning]:
    """Return the warnings of a valid draft.

    Args:
        draft: the golden path as in its file.
        path: the same.
        controls: the controls with each title in the traffic.
    """
    steps: Sequence[Mapping[str, Any]] = draft["steps"]
    return [
        *_of_path(path),
        *(warning for step in steps for warning in _of_step(step, controls)),
        *_of_same_proofs(steps, path),
    ]


def _of_path(path: GoldenPath) -> Iterator[DraftWarning]:
    shown = len(path.tour_steps())
    if shown > _MOST_TOUR_STEPS:
        yield DraftWarning(
            "",
            f"The tour has {shown} steps. Few users finish long tours: about 72 % finish three steps, and "
            "16 % finish seven. Mark steps as chat only, or split the path.",
        )
    if not path.description:
        yield DraftWarning("", "There is no description. The search and the chat use it to find this path.")
    if not path.page:
        yield DraftWarning("", "There is no page, so the tour is offered on every page of the app.")


def _of_step(step: Mapping[str, Any], controls: Mapping[str, set[str]]) -> Iterator[DraftWarning]:
    proofs = _proofs_in(step)
    if not proofs:
        yield DraftWarning(
            step["id"],
            "No action shows that users have done this step, so it is explained but not followed. Record it "
            "on a control with an id or a name.",
        )
    for proof in proofs:
        element_id = proof.get("element_id")
        if isinstance(element_id, str) and "*" not in element_id and _NUMBER.search(element_id):
            yield DraftWarning(
                step["id"],
                f"The id “{element_id}” contains a number. If it belongs to one record, only this record "
                "proves the step: write * instead of the number if any will do.",
            )
        title = _exact(proof.get("title"))
        same = controls.get(title, set()) if title and element_id is None else set()
        if len(same) > 1:
            named = ", ".join(sorted(same)[:3])
            yield DraftWarning(
                step["id"],
                f"In the traffic, {len(same)} controls have the title “{title}” ({named}), and each of them "
                "proves this step. Give the control an id.",
            )


def _of_same_proofs(steps: Sequence[Mapping[str, Any]], path: GoldenPath) -> Iterator[DraftWarning]:
    tracker = PathTracker([path])
    for place, step in enumerate(steps):
        others: set[int] = set()
        for proof in _proofs_in(step):
            evidence: EvidenceByPath = {}
            tracker.record(_example_of(proof, path), evidence)
            others |= {other for row in evidence.get(path.id, ()) for other in row.steps}
        for other in sorted(each for each in others if each != place and place in others):
            yield DraftWarning(
                step["id"],
                f"What proves this step proves step {other + 1} ({path.name_of(other)[:60]}) as well. Merge "
                "the two, or mark one of them as “several” and remove the other.",
            )


def _proofs_in(step: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ways = [step, *(step.get("any") or ())]
    return [way["done_when"] for way in ways if way.get("done_when")]


def _exact(pattern: object) -> str:
    """Return the title that a pattern names; empty for a pattern of another form."""
    named = pattern.get("exact") if isinstance(pattern, Mapping) else pattern
    return named if isinstance(named, str) else ""


def _example_of(proof: Mapping[str, Any], path: GoldenPath) -> SlimAction:
    """Return an action that a ``done_when`` matches, as far as it says which."""
    texts = {name: _exact(proof.get(name)) for name in ("title", "description", "page", "element_id", "type")}
    return SlimAction(
        title=texts["title"],
        description=texts["description"],
        canonical_url=texts["page"] or path.page,
        element_id=texts["element_id"].replace("*", "1"),
        type=texts["type"] or "click",
    )
