"""What a user's page gets for "My tips"; docs/my-tips.md describes the fields."""

from __future__ import annotations

from typing import Literal

import msgspec

from rasa_autoplay.link.answers import JsonObject

__all__ = [
    "TIP_CHANGES",
    "MutedTopic",
    "OwnHours",
    "PastTip",
    "TipTour",
    "Tips",
    "TipsFound",
    "TipsOpened",
    "TourRestarted",
]

#: The changes that a user can make.
TIP_CHANGES = ("mute", "unmute", "mute_all", "unmute_all", "quiet_hours", "no_quiet_hours")


class PastTip(msgspec.Struct, frozen=True):
    """An offer that the user has answered, or that has expired.

    Args:
        offer_id: the offer's id.
        topic: what the user can mute.
        body: the offer's text, as the user got it.
        at: when it was shown, epoch seconds.
        became: what became of it.
        tours: ids of the golden paths that it was about; see :class:`TipTour`.
    """

    offer_id: str
    topic: str
    body: str
    at: float
    became: Literal["accepted", "dismissed", "snoozed", "never", "expired"]
    tours: list[str]


class TipTour(msgspec.Struct, frozen=True):
    """A golden path that past tips were about, and its tour.

    Args:
        title: its name.
        starts: where its tour can start: ``here``, on the user's page; ``elsewhere``; or ``no``, because it
            has none, or a step of it may be out of date.
        steps: the text of each step, for a user whose page is another one.
    """

    title: str
    starts: Literal["here", "elsewhere", "no"]
    steps: list[str]


class MutedTopic(msgspec.Struct, frozen=True):
    """A topic about which the user wants no tips.

    Args:
        topic: its id.
        title: its name.
        at: when it was muted, epoch seconds.
        until: when that ends by itself, epoch seconds; None if it does not.
    """

    topic: str
    title: str
    at: float
    until: float | None = None


class OwnHours(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """The user's own quiet hours, as ``22:00``; ``zone`` is an IANA name."""

    from_: str
    to: str
    zone: str


class Tips(msgspec.Struct, frozen=True):
    """A user's tips.

    Args:
        live: the offers that the user can answer, newest first. Each has the fields of the feed's
            ``proactive`` event, and ``topic``, ``at`` and ``expires_in_s``.
        past: other offers, newest first.
        tours: the golden paths of the past offers, by id.
        muted: the muted topics.
        everything: since when, and until when, the user has muted everything; None if they have not.
        quiet_hours: the user's own quiet hours; None for none.
    """

    live: list[JsonObject]
    past: list[PastTip]
    tours: dict[str, TipTour]
    muted: list[MutedTopic]
    everything: MutedTopic | None = None
    quiet_hours: OwnHours | None = None


class TipsFound(msgspec.Struct, frozen=True):
    """The user's tips, after the change if there was one."""

    tips: Tips
    status: Literal["ok"] = "ok"


class TourRestarted(msgspec.Struct, frozen=True):
    """A tour that the user asked for: ``offer`` has the fields of the feed's ``tour`` event."""

    offer: JsonObject
    status: Literal["ok"] = "ok"


class TipsOpened(msgspec.Struct, frozen=True):
    """Whether a page of the user was asked to open the list: not if none is open."""

    is_open: bool
