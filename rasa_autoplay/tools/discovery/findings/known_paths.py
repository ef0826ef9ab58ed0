"""Uses the golden paths that a project has already, instead of proposing them once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.way_matcher import matchers_of
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind

__all__ = ["with_known_paths"]

#: A path describes acts if it has a step for so many of them.
_MOST = 0.6


def with_known_paths(findings: Iterable[Finding], paths: Sequence[GoldenPath]) -> list[Finding]:
    """Return the findings without workflows that a path describes; other triggers explain that path.

    Args:
        findings: the findings.
        paths: the project's golden paths.
    """
    kept: list[Finding] = []
    for finding in findings:
        known = _known_path(finding.fast_way or finding.slow_way, paths) if finding.path else ""
        if not known:
            kept.append(finding)
        elif finding.kind is not FindingKind.WORKFLOW:
            kept.append(replace(finding, path=None, trigger={**finding.trigger, "golden_path": known}))
    return kept


def _known_path(acts: Sequence[Act], paths: Sequence[GoldenPath]) -> str:
    """Return the id of the golden path that describes most of these acts; empty if none does."""
    actions = [_action(act) for act in acts]
    best, found = _MOST, ""
    for path in paths:
        matchers = [matcher for step in path.steps for matcher in matchers_of(path, step)]
        share = sum(any(fits(action) for fits in matchers) for action in actions) / max(len(actions), 1)
        if share > best or (share == best and not found):
            best, found = share, path.id
    return found


def _action(act: Act) -> SlimAction:
    """Return an action that is this act; any number stands for ``*``."""
    return SlimAction(
        act.title.replace("*", "1"),
        "",
        act.page,
        type=act.type,
        element_id=act.element_id.replace("*", "1"),
    )
