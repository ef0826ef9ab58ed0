"""The types of outcomes, and their names in PostHog.

The engine sends them. The gateway ignores them, if PostHog forwards them to it like other events.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["POSTHOG_EVENTS", "OutcomeType", "posthog_event"]


class OutcomeType(str, Enum):
    """What became of an offer. docs/outcomes.md has an example of each."""

    MADE = "offer.made"
    WITHHELD = "offer.withheld"
    SHOWN = "offer.shown"
    SEEN = "offer.seen"
    ACCEPTED = "offer.accepted"
    DISMISSED = "offer.dismissed"
    SNOOZED = "offer.snoozed"
    NEVER = "offer.never"
    TIMED_OUT = "offer.timed_out"
    EXPIRED = "offer.expired"
    WITHDRAWN = "offer.withdrawn"
    TOUR_FINISHED = "tour.finished"
    TOUR_LEFT = "tour.left"
    TOUR_MISSING = "tour.missing"
    TOUR_ELSEWHERE = "tour.elsewhere"
    CHAT_OPENED = "chat.opened"
    CHAT_FAILED = "chat.failed"
    GOAL_REACHED = "goal.reached"
    FAILED_AFTER = "goal.failed_after"


def posthog_event(outcome_type: str) -> str:
    """Return the event's name in PostHog, such as ``autoplay_offer_accepted``."""
    return f"autoplay_{outcome_type.replace('.', '_')}"


#: The names of all outcomes in PostHog.
POSTHOG_EVENTS = frozenset(posthog_event(each.value) for each in OutcomeType)
