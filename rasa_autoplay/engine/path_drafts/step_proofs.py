"""What an action proves in a draft, and the ``done_when`` that a step's element implies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.path_drafts.draft_check import check_draft
from rasa_autoplay.engine.path_drafts.draft_values import MAX_STEPS
from rasa_autoplay.events.models import SlimAction

__all__ = ["proved_steps", "with_proofs"]

_ID = re.compile(r"#([A-Za-z_][\w-]*)|\[id=\"([^\"\\\]]+)\"\]")
#: The beginning and the end of the ids of several elements.
_IDS = re.compile(r"(?:\w+)?(?:\[id\^=\"?([^\"\\\]*]+)\"?\])?(?:\[id\$=\"?([^\"\\\]*]+)\"?\])?")


def with_proofs(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft in which each step has the ``done_when`` that its element implies.

    A step without ``done_when`` gets its element's id. A step whose element stands for several, such as
    ``[id^="row-"]``, is proved by each of them, and not only by the one that was recorded.
    """
    steps = draft.get("steps")
    if not isinstance(steps, list):
        return dict(draft)
    return {**draft, "steps": [_with_proof(step) for step in steps]}


def _with_proof(step: Any) -> Any:
    if not isinstance(step, Mapping):
        return step
    ways = step.get("any")
    with_ways = {**step, "any": [_with_proof(way) for way in ways]} if isinstance(ways, list) else step
    pattern = _ids_of(step.get("element"))
    if not pattern:
        return with_ways
    done_when = step.get("done_when")
    if done_when is None:
        return {**with_ways, "done_when": {"element_id": pattern}}
    if isinstance(done_when, Mapping) and "*" in pattern and isinstance(done_when.get("element_id"), str):
        first, _, last = pattern.partition("*")
        recorded = done_when["element_id"]
        if "*" not in recorded and recorded.startswith(first) and recorded.endswith(last):
            return {**with_ways, "done_when": {**done_when, "element_id": pattern}}
    return with_ways


def _ids_of(selector: object) -> str:
    """Return the pattern of the ids that a selector selects; empty if it selects by something else."""
    if not isinstance(selector, str):
        return ""
    own = selector.rpartition(">>")[2].strip()
    if found := _ID.fullmatch(own):
        return found[1] or found[2]
    found = _IDS.fullmatch(own)
    return f"{found[1] or ''}*{found[2] or ''}" if found and (found[1] or found[2]) else ""


def proved_steps(draft: Mapping[str, Any], action: SlimAction) -> list[str]:
    """Return the ids of a draft's steps that an action proves.

    Args:
        draft: perhaps unfinished; steps that are wrong are left out.
        action: as the intake accepts it.
    """
    steps = list(_usable_steps(draft))
    ids = [step["id"] for step in steps]
    # Two steps may have the same id while somebody edits it.
    named = [{**step, "id": str(place)} for place, step in enumerate(steps)]
    page = draft.get("page")
    whole = {"id": "draft", "title": "Draft", "page": page if isinstance(page, str) else "", "steps": named}
    path, _ = check_draft(whole)
    if path is None:
        return []
    evidence: EvidenceByPath = {}
    PathTracker([path]).record(action, evidence)
    return [ids[place] for row in evidence.get("draft", ()) for place in row.steps]


def _usable_steps(draft: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    steps = with_proofs(draft).get("steps")
    for step in steps[:MAX_STEPS] if isinstance(steps, list) else ():
        if not isinstance(step, Mapping) or not isinstance(step.get("id"), str) or not step["id"]:
            continue
        # What is still empty does not matter for matching.
        filled = {**step, "title": step.get("title") or "Step", "text": step.get("text") or "Step"}
        filled.pop("optional", None)
        path, _ = check_draft({"id": "draft", "title": "Draft", "steps": [filled]})
        if path is not None:
            yield filled
