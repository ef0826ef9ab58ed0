"""Writes what to change in a golden path's file."""

from __future__ import annotations

import json
import re

from rasa_autoplay.tools.verification.report import Replacement

__all__ = ["REMOVE", "element_line", "label_line", "lines_for", "step_lines"]

#: For a step whose element is gone without a replacement.
REMOVE = "remove the step, or write what users do instead"
_PLAIN = re.compile(r"[A-Za-z][\w .,()/+-]*(?<! )")
_KEYWORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


def _scalar(text: str) -> str:
    """A YAML scalar; JSON strings are valid YAML."""
    if _PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS:
        return text
    return json.dumps(text, ensure_ascii=False) if '"' not in text else "'" + text.replace("'", "''") + "'"


def element_line(selector: str) -> str:
    """Write a step's ``element``."""
    return f"element: {_scalar(selector)}"


def label_line(label: str) -> str:
    """Write a step's ``label``."""
    return f"label: {_scalar(label)}"


def step_lines(selector: str, label: str) -> str:
    """Write a new step before another one."""
    name = f" {label_line(label)}" if label else ""
    return f"a new step before it: {element_line(selector)}{name}"


def lines_for(
    replacement: Replacement | None, element: str | None, label: str | None, done_when: str
) -> tuple[str, ...]:
    """Write what to change so that a step points at its replacement.

    Args:
        replacement: what was found.
        element: the step's own selector.
        label: the step's own label.
        done_when: the line for the new element; empty if the step's own still proves it.
    """
    if replacement is None:
        return (REMOVE,)
    lines = []
    if replacement.page:
        lines.append(f"a new step before it that leads to {replacement.page}")
    if replacement.opener:
        lines.append(step_lines(replacement.opener.selector, replacement.opener.label))
    if replacement.selector != element:
        lines.append(element_line(replacement.selector))
    if label and replacement.label and replacement.label != label:
        lines.append(label_line(replacement.label))
    lines += [done_when] if done_when else []
    return tuple(lines) or ("a new step before it that shows it",)
