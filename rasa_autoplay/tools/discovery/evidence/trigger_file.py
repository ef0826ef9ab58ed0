"""Writes ``trigger.yml`` of a proposal: one trigger as in ``autoplay.yml``, with comments that explain it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.discovery.evidence.labels import masked_line
from rasa_autoplay.tools.discovery.evidence.shadow_version import ShadowVersion
from rasa_autoplay.tools.discovery.evidence.yaml_text import yaml_lines
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding

__all__ = ["entry_of", "read_entry", "text_of_entry", "with_comments"]

_ORDER = ("id", "body", "when", "builtin", "golden_path", "tours", "goal")
_WIDTH = 100
_MAX_SENTENCE = 400
_VARYING = "[0-9a-fA-F-]{1,36}"


def entry_of(finding: Finding, question: str, *, has_path: bool) -> dict[str, Any]:
    """Return the trigger as plain data, with its question, its goal and its path.

    Args:
        finding: the finding.
        question: the toast's text.
        has_path: whether there is a golden path with the finding's id.
    """
    entry = {**finding.trigger, "id": finding.id, "body": question}
    if has_path:
        entry["golden_path"] = finding.id
    if not entry.get("goal"):
        entry["goal"] = _goal_of(finding.goal, has_path=has_path)
    known = {key: entry[key] for key in _ORDER if entry.get(key) is not None}
    return {**known, **{key: value for key, value in entry.items() if key not in known and value is not None}}


def _goal_of(goal: Act | None, *, has_path: bool) -> dict[str, Any] | None:
    if goal is None:
        return {"within": "7d"} if has_path else None
    page = {"page": {"exact": goal.page}} if goal.page.startswith("/") else {}
    if goal.is_page_view:
        return {"count": {"type": "pageview", **page, "at_least": 1}, "within": "1d"} if page else None
    titles = [_pattern(title) for title in (goal.title, *goal.also)]
    named = {"title": titles if goal.also else titles[0]}
    patterns = {"element_id": _pattern(goal.element_id)} if goal.element_id else named
    return {"count": {**patterns, **page, "at_least": 1}, "within": "1d"}


def _pattern(text: str) -> dict[str, str]:
    """Return the pattern of a text in which ``*`` stands for a number or a UUID."""
    if "*" not in text:
        return {"exact": text}
    return {"regex": f"^{_VARYING.join(map(re.escape, text.split('*')))}$"}


def text_of_entry(entry: Mapping[str, Any]) -> str:
    """Return the text of a trigger, without comments.

    Raises:
        ConfigError: what would be read from the text is not what was written.
    """
    text = "\n".join(yaml_lines(entry)) + "\n"
    if read_entry(text) != entry or "${" in text:
        raise ConfigError("A trigger cannot be written: its texts have signs that its file cannot have.")
    return text


def read_entry(text: str) -> dict[str, Any]:
    """Return a trigger's file as plain data.

    Raises:
        ConfigError: it is no mapping.
    """
    return YamlFile(Path("trigger.yml"), text.encode()).raw()


def with_comments(text: str, finding: Finding, version: ShadowVersion, verdict: str) -> str:
    """Return the text of a trigger with comments for people.

    Args:
        text: the text of the trigger.
        finding: where it comes from.
        version: the loaded trigger, which can name its conditions.
        verdict: what the back-test says, in one sentence.
    """
    head = [
        masked_line(finding.title, _MAX_SENTENCE),
        f"Proposed by `rasa-autoplay discover`. {verdict} The proof is in evidence.md.",
        "",
        *_conditions(version),
    ]
    sections = {"body": "The question on the toast. Write it in your own words.", **_goal_comment(finding)}
    lines = [f"# {each}".rstrip() for line in head for each in _wrapped(line) or [""]]
    for line in text.splitlines():
        key = line.partition(":")[0]
        lines += [f"# {each}" for each in _wrapped(sections.get(key, ""))]
        lines.append(line)
    return "\n".join(lines) + "\n"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent="  " if line.startswith("- ") else "")


def _conditions(version: ShadowVersion) -> list[str]:
    """Say what the trigger waits for."""
    explain = version.trigger.own_explanation
    if explain is None:
        return []
    nothing = ProactiveTriggerContext(
        canonical_urls=(),
        session_id="",
        product_id="",
        action_count=0,
        recent_actions=(),
        context_extra={"eval_now": 0.0, "window_actions": ()},
    )
    conditions = [f"- {masked_line(each.condition, _MAX_SENTENCE)}" for each in explain(nothing).conditions]
    if not conditions:
        return []
    what = "this" if len(conditions) == 1 else "all of this"
    return [f"It waits until {what} is true:", *conditions]


def _goal_comment(finding: Finding) -> dict[str, str]:
    if finding.goal is None:
        return {"goal": "What counts as success: the user completes the golden path in this time."}
    return {"goal": "What counts as success: results compare users with and without the offer by this."}
