"""Asks the gateway what an act is captured as, and the engine's matchers whether that proves a step."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step, Way
from rasa_autoplay.engine.knowledge.step_match import StepMatch
from rasa_autoplay.engine.knowledge.way_matcher import WayMatcher, matchers_of
from rasa_autoplay.events.element_ids import is_generated_id
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.elements import elements_of
from rasa_autoplay.gateway.sources.posthog.label import label_event

__all__ = ["action_of", "done_when_of", "is_page_view", "proves", "proves_way"]


def action_of(event: Mapping[str, Any] | None, pages: Pages) -> SlimAction | None:
    """Return the action that the gateway makes of an event; None if it makes none.

    Args:
        event: in the form of posthog-js.
        pages: the names of the app's pages.
    """
    if event is None:
        return None
    properties = event["properties"]
    url = str(properties.get("$current_url", ""))
    canonical = pages.canonical(url)
    label = label_event(event["event"], properties, elements_of(properties), pages.page(canonical))
    if label is None:
        return None
    return SlimAction(
        title=label.title,
        description=label.description,
        canonical_url=canonical,
        type=label.type,
        raw_url=url,
        element_id=label.element_id,
    )


def proves(path: GoldenPath, step: Step, actions: Iterable[SlimAction]) -> bool:
    """Whether one of the actions proves the step in any way."""
    matchers = matchers_of(path, step)
    return any(matches(action) for action in actions for matches in matchers)


def proves_way(path: GoldenPath, step: Step, way: Way, action: SlimAction) -> bool:
    """Whether an action proves the step in this way."""
    return way.done_when is not None and WayMatcher(path, step, way, way.done_when)(action)


def is_page_view(match: StepMatch) -> bool:
    """Whether only opening a page can prove a step."""
    return match.type is not None and match.type.matches("pageview") and not match.type.matches("click")


def done_when_of(action: SlimAction, element_id: str = "") -> str:
    """Write a ``done_when`` for an action, as in a golden path's file.

    Args:
        action: what is captured.
        element_id: pattern for the ids of several elements, if any of them will do.
    """
    found = element_id or action.element_id
    if found and not is_generated_id(found):
        return f"done_when: {{element_id: {json.dumps(found, ensure_ascii=False)}}}"
    return f"done_when: {{title: {json.dumps(action.title, ensure_ascii=False)}}}"
