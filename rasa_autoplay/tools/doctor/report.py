"""Prints what the checks found: for people, in a terminal or a log, and for programs, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from rasa_autoplay.common.checks import Finding

__all__ = ["Note", "as_json", "as_lines", "summary"]

#: What is printed beside findings: a word, and what it is about. ``found``, ``skipped`` or ``by hand``.
Note = tuple[str, str]

_SYMBOLS = {"ok": "✓", "not_seen": "○", "warning": "!", "error": "✗"}
_WORDS = {"ok": "ok", "not_seen": "not seen", "warning": "warning", "error": "error"}
_COLOURS = {"ok": "32", "not_seen": "36", "warning": "33", "error": "31"}
_WIDTH = 8


def as_lines(entries: Sequence[Finding | Note], *, is_coloured: bool) -> list[str]:
    """Return one line for each entry, and a last one with the counts.

    Args:
        entries: findings and notes, in order.
        is_coloured: whether a terminal shows the lines, which understands colours.
    """
    lines = [_line(each, is_coloured=is_coloured) for each in entries]
    return [*lines, f"{summary([each for each in entries if isinstance(each, Finding)])}."]


def summary(findings: Sequence[Finding]) -> str:
    """Count the findings: ``12 ok, 3 not seen yet, 1 warning``."""
    counts: Counter[str] = Counter(finding.state for finding in findings)
    texts = [f"{counts['ok']} ok"]
    if counts["not_seen"]:
        texts.append(f"{counts['not_seen']} not seen yet")
    problems = (("warning", counts["warning"]), ("error", counts["error"]))
    texts += [f"{count} {word}{'s' if count > 1 else ''}" for word, count in problems if count]
    return ", ".join(texts)


def as_json(entries: Sequence[Finding | Note]) -> str:
    """Return one JSON object: ``findings``, each with its state, ``counts`` by state, and ``notes``."""
    findings = [each for each in entries if isinstance(each, Finding)]
    notes = [each for each in entries if not isinstance(each, Finding)]
    counts: Counter[str] = Counter(finding.state for finding in findings)
    return json.dumps(
        {
            "findings": [vars(finding) for finding in findings],
            "counts": {state: counts[state] for state in _SYMBOLS},
            "notes": [{"about": word, "text": text} for word, text in notes],
        },
        ensure_ascii=False,
        indent=2,
    )


def _line(entry: Finding | Note, *, is_coloured: bool) -> str:
    if not isinstance(entry, Finding):
        word, text = entry
        return f"  {word:<{_WIDTH}} {text}"
    word = f"{_SYMBOLS[entry.state]} {_WORDS[entry.state]:<{_WIDTH}}"
    if is_coloured:
        word = f"\x1b[{_COLOURS[entry.state]}m{word}\x1b[0m"
    return f"{word} {entry.check}: {entry.found}{_advice(entry)}"


def _advice(finding: Finding) -> str:
    if not finding.remedy:
        return ""
    label = "To see it" if finding.state == "not_seen" else "Remedy"
    return f". {label}: {finding.remedy}"
