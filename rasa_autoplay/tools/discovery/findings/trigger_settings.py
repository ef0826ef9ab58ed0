"""Writes acts as patterns of autoplay.yml, and findings as the settings of a rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["LONGEST_S", "goal_of", "has_begun", "names_in", "page_pattern", "pattern_of", "rule", "slug"]

#: The default of ``session.window.lookback`` (seconds): rules see no further back.
LONGEST_S = 300
#: What stands for a number or UUID, and for the name of a record.
_WILD = {"*": "[0-9a-fA-F-]+", "…": ".+"}
_MAX_SLUG = 60


def page_pattern(page: str) -> dict[str, str]:
    """Return the pattern of exactly this page."""
    return {"exact": page}


def pattern_of(act: Act) -> dict[str, Any]:
    """Return the patterns that match this act and no other: its id or title, and its page."""
    page = {"page": page_pattern(act.page)} if act.page else {}
    if act.is_page_view:
        return {"type": "pageview", **page}
    named = {"element_id": _text(act.element_id)} if act.element_id else {"title": _titles(act)}
    kind = {"type": act.type} if act.type else {}
    return {**named, **kind, **page}


def _titles(act: Act) -> dict[str, str] | list[dict[str, str]]:
    titles = [_text(title) for title in (act.title, *act.also)]
    return titles if act.also else titles[0]


def _text(text: str) -> dict[str, str]:
    if "*" not in text and "…" not in text and text.isprintable() and "${" not in text:
        return {"exact": text}
    return {"regex": f"^{''.join(map(_escaped, text))}"}


def _escaped(character: str) -> str:
    if character in _WILD:
        return _WILD[character]
    return re.escape(character) if character.isprintable() and character != "$" else "."


def goal_of(act: Act, within: str = "1d") -> dict[str, Any]:
    """Return the goal that users do this act."""
    return {"count": {**pattern_of(act), "at_least": 1}, "within": within}


def has_begun(patterns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the condition that a user has done some acts in this order; each pattern matches one act."""
    if len(patterns) == 1:
        return {"count": {**patterns[0], "at_least": 1, "within": f"{LONGEST_S}s"}}
    return {"sequence": list(patterns), "within": f"{LONGEST_S}s"}


def rule(
    trigger_id: str, body: str, when: list[dict[str, Any]], goal: dict[str, Any] | None, *, path: str = ""
) -> dict[str, Any]:
    """Return the settings of one rule, as in the list ``triggers:`` of ``autoplay.yml``.

    Args:
        trigger_id: its id.
        body: the question on the toast.
        when: the conditions, which must all hold.
        goal: the trigger's ``goal:``; None if there is none.
        path: the id of its golden path; empty if there is none.
    """
    settings: dict[str, Any] = {"id": trigger_id, "body": body, "when": {"all": when}}
    if path:
        settings["golden_path"] = path
    if goal:
        settings["goal"] = goal
    return settings


def slug(*words: str) -> str:
    """Return an id of small letters, digits and hyphens."""
    plain = normalize("NFKD", " ".join(words).lower().replace("ß", "ss"))
    text = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f]", "", plain)).strip("-")
    return text[:_MAX_SLUG].strip("-") or "proposal"


def names_in(page: str) -> str:
    """Return the names in the path of a page, for a slug; records are left out."""
    return " ".join(part for part in page.split("/") if part not in ("", ":id"))
