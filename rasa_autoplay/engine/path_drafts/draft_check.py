"""Checks a draft as a golden path, and says in plain words what is wrong where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.path_drafts.draft_values import bad_values
from rasa_autoplay.settings.models import ValidationError
from rasa_autoplay.settings.plain_errors import plain_error
from rasa_autoplay.settings.yaml_file import names_at

__all__ = ["DraftError", "check_draft"]

#: What to do about a wrong value, by its key.
_REMEDIES = {
    "id": "Use a short name of your own, such as save-changes.",
    "title": "Write a short heading, such as “Save your changes”.",
    "text": "Write where to look and what to do, in one or two sentences.",
    "element": "Record the step again, or write a CSS selector.",
    "done_when": "Record the step again, or say which action proves it.",
    "any": "Record the other way again, or remove it.",
    "steps": "Record at least one step, and mark at least one as required.",
}


class DraftError(NamedTuple):
    """Something that is wrong with a draft.

    Args:
        place: where, for people: ``step 2 (Save), text``.
        message: what.
        remedy: what to do.
    """

    place: str
    message: str
    remedy: str


def check_draft(draft: Mapping[str, Any]) -> tuple[GoldenPath | None, list[DraftError]]:
    """Return the golden path of a draft, or what is wrong with it.

    Args:
        draft: a golden path as in its file.
    """
    bad = [DraftError(_place(draft, where), message, remedy) for where, message, remedy in bad_values(draft)]
    if bad:
        return None, bad
    try:
        return GoldenPath.parse_obj(draft), []
    except ValidationError as invalid:
        return None, [_error(draft, problem) for problem in invalid.errors()]


def _place(draft: Mapping[str, Any], location: Sequence[str | int]) -> str:
    """Return a place of a draft for people."""
    where = [part for part in location if part != "__root__"]
    if not where:
        return "the path"
    if where[0] != "steps" or len(where) < 2 or not isinstance(where[1], int):
        return str(where[0])
    step = draft["steps"][where[1]]
    title = step.get("title") or step.get("id") if isinstance(step, Mapping) else ""
    named = f" ({title[:60]})" if isinstance(title, str) and title else ""
    inner = (str(part + 1) if isinstance(part, int) else part for part in where[2:])
    return ", ".join([f"step {where[1] + 1}{named}", *inner])


def _error(draft: Mapping[str, Any], problem: Mapping[str, Any]) -> DraftError:
    location = tuple(problem["loc"])
    place = _place(draft, location)
    if problem["type"] == "value_error.extra":
        allowed = ", ".join(names_at(GoldenPath, location[:-1]))
        return DraftError(place, "unknown key", f"Use one of {allowed}.")
    message = plain_error(problem, names_at(GoldenPath, location))
    keys = [part for part in location if part in _REMEDIES] or ["steps"]
    return DraftError(place, message, _REMEDIES[str(keys[-1])])
