"""The steps of an offer's life, and the groups of users that decisions belong to."""

from __future__ import annotations

from enum import Enum

__all__ = ["ANSWERS", "CLOSING", "Arm", "OfferStatus"]


class OfferStatus(str, Enum):
    """Where an offer is in its life."""

    QUEUED = "queued"
    SENT = "sent"
    RENDERED = "rendered"
    SEEN = "seen"
    TIMED_OUT = "timed_out"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    NEVER = "never"
    EXPIRED = "expired"
    WITHHELD = "withheld"


class Arm(str, Enum):
    """The group of users that a decision belongs to. Chance decides it after every gate is open.

    ``shown``: the user gets the offer. The others get nothing: ``control`` users are outside the trigger's
    share, ``ghost`` users have a trigger that only records decisions, and ``holdout`` users get no offer of
    any trigger. ``gate_closed``: the trigger fired while one gate was closed, and chance kept it closed.
    """

    SHOWN = "shown"
    CONTROL = "control"
    GHOST = "ghost"
    HOLDOUT = "holdout"
    GATE_CLOSED = "gate_closed"


#: The user's answers; nothing follows them.
ANSWERS = frozenset({OfferStatus.ACCEPTED, OfferStatus.DISMISSED, OfferStatus.SNOOZED, OfferStatus.NEVER})

#: The user has answered, or the offer has expired.
CLOSING = ANSWERS | {OfferStatus.EXPIRED}
