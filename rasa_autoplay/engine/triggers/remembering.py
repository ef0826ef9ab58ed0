"""What a team's own predicate can tell the engine about itself, so that it need not be polled.

    @only_events
    @remembers(bulk_edit=title_contains("bulk edit", "apply to"))
    def edits_one_by_one(ctx: ProactiveTriggerContext) -> bool:
        return "bulk_edit" not in ctx.context_extra["remembered"] and …

Both decorators return the function itself. ``PredicateProactiveTrigger`` hands on what they said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rasa_autoplay.events.models import SlimAction

__all__ = ["Matcher", "never_by_time", "only_events", "remembers", "title_contains"]

#: Is this action one of those?
Matcher = Callable[[SlimAction], bool]

_Predicate = TypeVar("_Predicate", bound=Callable[..., bool])


def remembers(**matchers: Matcher) -> Callable[[_Predicate], _Predicate]:
    """Ask the engine to remember, for the whole session, whether an action ever matched.

    Args:
        matchers: by the name that then stands in ``ctx.context_extra["remembered"]``. Names are shared by
            all triggers of a registry, so one name must mean one thing.
    """

    def declare(predicate: _Predicate) -> _Predicate:
        _declare(predicate, remembers={**getattr(predicate, "remembers", {}), **matchers})
        return predicate

    return declare


def only_events(predicate: _Predicate) -> _Predicate:
    """Say that time alone never makes the predicate true: only a new event need be followed by asking."""
    _declare(predicate, wakes_at=never_by_time)
    return predicate


def title_contains(*parts: str) -> Matcher:
    """A matcher for actions whose title contains one of the parts, in any case."""
    wanted = tuple(part.casefold() for part in parts)

    def matches(action: SlimAction) -> bool:
        title = action.title.casefold()
        return any(part in title for part in wanted)

    return matches


def never_by_time(_ctx: object) -> None:
    """The ``wakes_at`` of what only an event can change."""
    return


def _declare(predicate: Callable[..., bool], **attributes: Any) -> None:
    for name, value in attributes.items():
        setattr(predicate, name, value)
