"""Writes findings about a step: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from rasa_autoplay.engine.knowledge.step import Way
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.verification.proof import done_when_of
from rasa_autoplay.tools.verification.remedies import lines_for
from rasa_autoplay.tools.verification.report import Finding, Replacement

__all__ = ["absent", "ambiguous", "renamed", "unproven", "unusable"]


def absent(
    way: Way, facts: dict[str, Any], replacement: Replacement | None, done_when: str, line: int
) -> Finding:
    """Return a finding about an element that is gone or hidden.

    Args:
        way: the way of the step.
        facts: what the page says of its selector.
        replacement: what was found instead.
        done_when: the line for the replacement; empty if the step's own still proves it.
        line: of the element, in the file.
    """
    if facts["hits"]:
        message = f"{way.element} is in the page, but it is not shown."
    else:
        message = f"No element matches {way.element}."
    if replacement and replacement.opener:
        opener = replacement.opener.label or replacement.opener.selector
        message += f' There is one after "{opener}" is used.'
    elif replacement and replacement.page:
        message += f" There is one on {replacement.page}."
    remedies = lines_for(replacement, way.element, way.label, done_when)
    return Finding("hidden" if facts["hits"] else "missing", message, line, replacement, remedies)


def ambiguous(way: Way, facts: dict[str, Any], line: int) -> Finding:
    """Return a finding about a selector that finds several elements."""
    single = Replacement(facts["single"], facts["first"]["name"]) if facts["single"] else None
    message = f"{facts['shown']} elements match {way.element}, and all of them are shown."
    others = lines_for(single, way.element, None, "") if single else ()
    return Finding(
        "ambiguous", message, line, single, (*others, "or write several: true if any of them will do")
    )


def unusable(
    kind: Literal["disabled", "covered"], way: Way, facts: dict[str, Any], why: str, line: int
) -> Finding:
    """Return a finding about an element that is shown, but that users cannot use."""
    replacement = Replacement(way.element or "", facts["first"]["name"])
    remedy = "add the step that users do before it"
    return Finding(kind, f"{way.element} is shown, but {why}.", line, replacement, (remedy,))


def renamed(way: Way, name: str, other: Replacement | None, done_when: str, line: int) -> Finding:
    """Return a finding about an element whose name is not the label.

    Args:
        way: the way of the step.
        name: the element's name.
        other: another element that has the label.
        done_when: the line for that element; empty if the step's own still proves it.
        line: of the label, in the file.
    """
    message = f'The label is "{way.label}", but the element\'s name is "{name}".'
    if other is not None:
        message += f" Another element has the label: {other.selector}."
    replacement = other or Replacement(way.element or "", name)
    remedies = lines_for(replacement, way.element, way.label, done_when)
    return Finding("renamed", message, line, replacement, remedies)


def unproven(way: Way, facts: dict[str, Any], actions: Sequence[SlimAction], line: int) -> Finding:
    """Return a finding about an act that does not prove its step."""
    captured = ", ".join(dict.fromkeys(map(_described, actions))) or "nothing"
    message = f"Using {way.element or way.label} is captured as {captured}, which done_when does not match."
    remedies = (done_when_of(actions[0]),) if actions else ("name another action that proves the step",)
    replacement = Replacement(way.element or "", facts["first"]["name"])
    return Finding("unproven", message, line, replacement, remedies)


def _described(action: SlimAction) -> str:
    with_id = f" with the id {action.element_id}" if action.element_id else " without an id"
    return f'"{action.title}"{with_id}'
