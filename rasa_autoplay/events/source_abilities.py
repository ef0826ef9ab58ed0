"""What each source of events can show, by its name in health; docs/sources.md has the same table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rasa_autoplay.events.derived_signals import NEVER_DERIVED

__all__ = ["ABILITIES", "SourceAbility", "joint_ability"]

#: Amplitude's autocapture reports neither errors nor failed requests, and nothing is derived for it.
_NO_ERRORS = frozenset({"error", "failed_request"})


@dataclass(frozen=True)
class SourceAbility:
    """What a source can show.

    Attributes:
        element_ids: whether its actions name the element's DOM id.
        never_shown: the failure signals that never arrive from it.
        user_facts: whether it delivers properties of users and their time zones, if the app sets them.
            The other sources deliver what the team adds to their batches.
    """

    element_ids: bool
    never_shown: frozenset[str] = frozenset()
    user_facts: bool = True


_VENDOR = SourceAbility(element_ids=False, never_shown=NEVER_DERIVED, user_facts=False)
ABILITIES = {
    "capture": SourceAbility(element_ids=True),
    # If the destination's filter lets the events through.
    "posthog": SourceAbility(element_ids=True),
    "amplitude": SourceAbility(element_ids=True, never_shown=_NO_ERRORS),
    "fullstory": SourceAbility(element_ids=False, user_facts=False),
    "stream": _VENDOR,
    "webhook": _VENDOR,
    "live_activity": _VENDOR,
}


def joint_ability(names: Iterable[str]) -> SourceAbility:
    """What at least one of several sources shows."""
    abilities = [ABILITIES.get(name, _VENDOR) for name in names]
    never = frozenset.intersection(*(each.never_shown for each in abilities)) if abilities else frozenset()
    has_facts = any(each.user_facts for each in abilities)
    return SourceAbility(any(each.element_ids for each in abilities), never, has_facts)
