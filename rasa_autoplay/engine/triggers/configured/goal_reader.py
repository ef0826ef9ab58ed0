"""Reads ``goal:`` of a trigger in ``autoplay.yml``; every error names the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.engine.goals.goal import DEFAULT_GOAL, Goal
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.grammar import RuleGrammar
from rasa_autoplay.engine.triggers.rules.view import RuleView
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.durations import parse_duration_s

__all__ = ["read_goal"]

_Place = tuple["str | int", ...]
#: These hold or not by the passing of time, and a goal is something that the user does.
_BY_TIME = ("dwell", "idle")


def read_goal(source: object, grammar: RuleGrammar, place: _Place, *, has_path: bool) -> Goal:
    """Read a trigger's goal.

    Args:
        source: the value of ``goal:``; None if there is none.
        grammar: reads the condition.
        place: the place of ``goal`` in the file.
        has_path: whether an offer of the trigger can be about a workflow.

    Raises:
        ConfigError: the goal is invalid, or could never be reached.
    """
    if source is None:
        return DEFAULT_GOAL
    file = grammar.file
    if not isinstance(source, Mapping):
        raise file.error(place, 'write a goal as a condition, "within: 1d", or both.')
    within_s = _within_s(source, grammar, place)
    when = {key: value for key, value in source.items() if key != "within"}
    if when:
        return Goal(_condition(when, grammar, place), within_s)
    if not has_path:
        raise file.error(
            place,
            "this trigger has no golden path to complete, so its goal needs a condition, for example "
            "count: {title: save, at_least: 1}; or give the trigger a golden_path.",
        )
    return Goal(None, within_s)


def _within_s(source: Mapping[str, Any], grammar: RuleGrammar, place: _Place) -> float:
    if "within" not in source:
        return DEFAULT_GOAL.within_s
    try:
        within_s = parse_duration_s(source["within"])
    except ValueError as problem:
        raise grammar.file.error((*place, "within"), f"{problem}.") from None
    if within_s <= 0:
        raise grammar.file.error((*place, "within"), 'must be more than 0, for example "1d".')
    return within_s


def _condition(when: Mapping[str, Any], grammar: RuleGrammar, place: _Place) -> Condition:
    for path, key in _keys(when, place):
        if key in _BY_TIME:
            raise grammar.file.error(
                path, f"{key} passes by itself, but a goal is something that the user does."
            )
    condition = grammar.read(when, place)
    nothing = ProactiveTriggerContext(
        canonical_urls=(),
        session_id="",
        product_id="",
        action_count=0,
        recent_actions=(),
        context_extra={"eval_now": 0.0, "window_actions": ()},
    )
    if condition.holds(RuleView(nothing)):
        raise grammar.file.error(
            place, "this holds if the user does nothing, so every decision would reach the goal at once."
        )
    return condition


def _keys(source: object, place: _Place) -> Iterator[tuple[_Place, str]]:
    """The keys of a condition and of the conditions in it, with their places."""
    if isinstance(source, list):
        for number, part in enumerate(source):
            yield from _keys(part, (*place, number))
    elif isinstance(source, Mapping):
        for key, value in source.items():
            yield (*place, key), key
            if key in ("all", "any", "not"):
                yield from _keys(value, (*place, key))
