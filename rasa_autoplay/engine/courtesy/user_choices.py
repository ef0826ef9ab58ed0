"""What a user has chosen in "My tips": muted topics, everything muted, and quiet hours of their own."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from types import MappingProxyType

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.settings.limits import find_zone

__all__ = [
    "NO_CHOICES",
    "ChoicesOf",
    "Mute",
    "OwnQuietHours",
    "UserChoices",
    "answered_never_at",
    "no_choices",
    "path_topic",
    "topic_of",
    "trigger_topic",
]


def path_topic(path_id: str) -> str:
    """Return the topic of a golden path."""
    return f"path:{path_id}"


def trigger_topic(trigger_id: str) -> str:
    """Return the topic of a trigger without a golden path."""
    return f"trigger:{trigger_id}"


def topic_of(offer: Offer) -> str:
    """Return the topic that a user mutes with an offer: its golden path, or else its trigger."""
    return path_topic(offer.golden_path) if offer.golden_path else trigger_topic(offer.trigger_id)


def answered_never_at(offer: Offer) -> float:
    """Return when the user chose "Don't show again" for an offer, epoch seconds; 0 if they did not."""
    return offer.closed_at or offer.rendered_at if offer.status is OfferStatus.NEVER else 0.0


@dataclass(frozen=True, slots=True)
class Mute:
    """The user wants no tips about something.

    Args:
        at: when the user muted it, epoch seconds.
        until: when that ends by itself, epoch seconds; infinity for never.
    """

    at: float
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class OwnQuietHours:
    """Times of day at which a user wants no tips.

    Args:
        from_: when they begin.
        to: when they end; a time before the beginning means the next morning.
        zone: IANA name of the time zone in which the user has chosen them.
    """

    from_: time
    to: time
    zone: str


_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UserChoices:
    """Everything that one user has chosen.

    Args:
        muted: the muted topics.
        everything: whether, and until when, the user wants no tips at all; None if they want them.
        lifted: when the user has unmuted a topic, epoch seconds. A "Don't show again" from before that time
            counts no more.
        quiet_hours: the user's own quiet hours; None for none.
    """

    muted: Mapping[str, Mute] = field(default_factory=dict)
    everything: Mute | None = None
    lifted: Mapping[str, float] = _NONE
    quiet_hours: OwnQuietHours | None = None

    def has_lifted(self, offer: Offer) -> bool:
        """Whether the user has taken a "Don't show again" back, by unmuting its topic."""
        answered_at = answered_never_at(offer)
        topics = path_topic(offer.golden_path), trigger_topic(offer.trigger_id)
        return bool(answered_at) and any(self.lifted.get(topic, 0.0) >= answered_at for topic in topics)

    def in_zone(self, browser_zone: str) -> UserChoices:
        """Return the choices with the quiet hours in the zone of the user's browser, if that is known."""
        hours = self.quiet_hours
        if hours is None or hours.zone == browser_zone or find_zone(browser_zone) is None:
            return self
        return replace(self, quiet_hours=OwnQuietHours(hours.from_, hours.to, browser_zone))


#: A user who has chosen nothing.
NO_CHOICES = UserChoices()

#: Returns what a user, by id, has chosen.
ChoicesOf = Callable[[str], Awaitable[UserChoices]]


async def no_choices(_user_id: str) -> UserChoices:
    """Return the choices of a user who has chosen nothing."""
    return NO_CHOICES
