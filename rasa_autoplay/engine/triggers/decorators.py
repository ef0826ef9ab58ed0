"""Decorators by which a team's predicate tells the engine when to evaluate it, so that it is not polled.

    @only_events
    @remembers(bulk_edit=title_contains("bulk edit", "apply to"))
    def edits_one_by_one(ctx: ProactiveTriggerContext) -> bool:
        return "bulk_edit" not in ctx.context_extra["remembered"] and …

Both decorators return the function itself. ``PredicateProactiveTrigger`` copies the hints that they set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rasa_autoplay.events.cjk_spacing import close_cjk_gaps
from rasa_autoplay.events.models import SlimAction

__all__ = ["Matcher", "never_by_time", "only_events", "remembers", "title_contains"]

#: Returns whether an action is meant.
Matcher = Callable[[SlimAction], bool]

_Predicate = TypeVar("_Predicate", bound=Callable[..., bool])


def remembers(**matchers: Matcher) -> Callable[[_Predicate], _Predicate]:
    """Make the engine remember for the whole session whether any action matched.

    Args:
        matchers: by the name that appears in ``ctx.context_extra["remembered"]`` after a match. All triggers
            of a registry share these names, so a name must have one meaning.
    """

    def declare(predicate: _Predicate) -> _Predicate:
        _declare(predicate, remembers={**getattr(predicate, "remembers", {}), **matchers})
        return predicate

    return declare


def only_events(predicate: _Predicate) -> _Predicate:
    """Declare that time alone never makes the predicate true, so that it is evaluated after events only."""
    _declare(predicate, wakes_at=never_by_time)
    return predicate


def title_contains(*parts: str) -> Matcher:
    """Return a matcher for actions whose title contains one of the parts, in any case."""
    wanted = tuple(close_cjk_gaps(part).casefold() for part in parts)

    def matches(action: SlimAction) -> bool:
        title = close_cjk_gaps(action.title).casefold()
        return any(part in title for part in wanted)

    return matches


def never_by_time(_ctx: object) -> None:
    """The ``wakes_at`` hint of a trigger that only events can change."""
    return


def _declare(predicate: Callable[..., bool], **attributes: Any) -> None:
    for name, value in attributes.items():
        setattr(predicate, name, value)
