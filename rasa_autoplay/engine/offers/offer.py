"""An offer: one proactive message to one user, and the steps of its life.

queued ──► sent ──► rendered ──► seen ──► accepted | dismissed | snoozed | never
   ▲         │                    └────► timed_out ──► (still acceptable)
   └─────────┘  the feed was gone before the toast showed
queued, sent, rendered, seen, timed_out ──► expired ──► an answer, which a toast left on the screen can bring
accepted ──► seen  the chat could not be opened: the user said yes, and got nothing

Each step has its time. *Sent*: the offer was written to an open connection. *Rendered*: it is in a page, or
the connection stayed open for 2 s after that. *Seen*: it was visible for a second in an active tab, or it was
answered. So an offer may be sent often, but is seen once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from enum import Enum
from typing import Any

import msgspec

__all__ = [
    "ANSWERS",
    "CLOSING",
    "Offer",
    "OfferStatus",
    "OfferedTour",
    "new_offer_id",
    "reply_options",
]


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


#: The user's answers; nothing follows them.
ANSWERS = frozenset({OfferStatus.ACCEPTED, OfferStatus.DISMISSED, OfferStatus.SNOOZED, OfferStatus.NEVER})

#: The user has answered, or the offer has expired.
CLOSING = ANSWERS | {OfferStatus.EXPIRED}


_RANK = {status: rank for rank, status in enumerate(OfferStatus)}


#: A toast has room for this many extra buttons, and a button for this many characters.
_MAX_REPLY_OPTIONS = 5
_LONGEST_REPLY_OPTION = 60


def reply_options(labels: Iterable[object]) -> list[str]:
    """The button texts that a toast can show: not empty, without duplicates, bounded in number and length."""
    different: dict[str, str] = {}
    for label in labels:
        text = " ".join(str(label).split())[:_LONGEST_REPLY_OPTION].rstrip()
        if text:
            different.setdefault(text.casefold(), text)
    return list(different.values())[:_MAX_REPLY_OPTIONS]


class OfferedTour(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tour as the toast carries it.

    Args:
        id: the tour's own id.
        flow_id: what starts it: the provider's flow, or the id of an embedded tour.
        label: what the button says.
        provider: ``driverjs`` for the embedded default, or the tour product's name.
        steps: ``{id, title, element, text}``: what the embedded tour shows, and where the chat begins when
            another provider's flow cannot.
        title: what the tour is called, where several buttons would say the same.
    """

    id: str
    flow_id: str
    label: str
    provider: str
    steps: list[dict[str, str]] = []
    title: str = ""


class Offer(msgspec.Struct):
    """One proactive message to one user.

    Args:
        offer_id: random and unguessable: it also stands for the right to answer the offer.
        trigger_id: which trigger fired.
        body: the question, as the toast shows it and the bot says it.
        product_id: whose app.
        session_id: the analytics session that it was made for.
        user_id: the user that it was made for.
        created_at: epoch seconds.
        expires_at: epoch seconds.
        evidence_until: timestamp of the newest action behind it; nothing up to that time counts again.
        golden_path: id of the workflow that it explains; empty when there is none.
        page: canonical URL of the page that the user was on.
        interaction_timeout_s: per-trigger override of the session's; None for the session's own.
        cooldown_s: per-trigger override of the session's; None for the session's own.
        tours: what "Show me" can start on that page.
        reply_options: what else the toast lets the user answer, as the texts of buttons.
        status: where it is in its life.
        rendered_at: when its toast was shown, epoch seconds; 0 before that.
        sent_at: when it was last written to a browser's connection, epoch seconds; 0 before that.
        seen_at: when its toast had been visible for a second, or was answered, epoch seconds; 0 before that.
        closed_at: when the user answered or it expired, epoch seconds; 0 while it is open.
    """

    offer_id: str
    trigger_id: str
    body: str
    product_id: str
    session_id: str
    user_id: str
    created_at: float
    expires_at: float
    evidence_until: float
    golden_path: str = ""
    page: str = ""
    interaction_timeout_s: float | None = None
    cooldown_s: float | None = None
    tours: list[OfferedTour] = []
    reply_options: list[str] = []
    status: OfferStatus = OfferStatus.QUEUED
    rendered_at: float = 0.0
    sent_at: float = 0.0
    seen_at: float = 0.0
    closed_at: float = 0.0

    @property
    def subject(self) -> str:
        """What the user's answer is about: the workflow, or the page where there is no workflow."""
        return self.golden_path or self.page

    @property
    def is_open(self) -> bool:
        """True until the user has answered or the offer has expired."""
        return self.status not in CLOSING

    @property
    def awaits_rendering(self) -> bool:
        """True until its toast is shown."""
        return self.status in (OfferStatus.QUEUED, OfferStatus.SENT)

    def advance(self, status: OfferStatus, now: float) -> bool:
        """Change to ``status``, if that is a step forward.

        Args:
            status: what was reported.
            now: epoch seconds.

        Returns:
            False when nothing changes: the offer is closed, or already further.
        """
        if status is OfferStatus.SEEN and self.status is OfferStatus.TIMED_OUT and not self.seen_at:
            # It is on a screen again, but it has still timed out.
            self.seen_at = now
            return True
        if not self._may_become(status):
            return False
        self.status = status
        self._record_time(now)
        return True

    def _record_time(self, now: float) -> None:
        if self.status is OfferStatus.SENT:
            self.sent_at = now
        if self.status in CLOSING:
            self.closed_at = now
        if not self.awaits_rendering and self.status is not OfferStatus.EXPIRED and not self.rendered_at:
            self.rendered_at = now
        if (self.status is OfferStatus.SEEN or self.status in ANSWERS) and not self.seen_at:
            self.seen_at = now

    def _may_become(self, status: OfferStatus) -> bool:
        if self.status is OfferStatus.EXPIRED:
            return status in ANSWERS
        returns_to_queue = status is OfferStatus.QUEUED and self.status is OfferStatus.SENT
        return self.is_open and (_RANK[status] > _RANK[self.status] or returns_to_queue)

    def undo_acceptance(self, now: float) -> bool:
        """Go back to *seen*, because the accepted help could not be given.

        Args:
            now: epoch seconds.

        Returns:
            False when it was not accepted.
        """
        if self.status is not OfferStatus.ACCEPTED:
            return False
        is_over = now >= self.expires_at
        self.status = OfferStatus.EXPIRED if is_over else OfferStatus.SEEN
        self.closed_at = now if is_over else 0.0
        return True

    def life(self) -> dict[str, float]:
        """The steps that it has reached so far, in order, each with its time in epoch seconds."""
        closed = {self.status.value: self.closed_at} if self.status in CLOSING else {}
        steps = {
            "queued": self.created_at,
            "sent": self.sent_at,
            "rendered": self.rendered_at,
            "seen": self.seen_at,
            **closed,
        }
        return {step: at for step, at in steps.items() if at}

    def toast(self) -> dict[str, Any]:
        """The feed's ``data`` for this offer, as the wire contract names it."""
        shown = {tour.label.casefold() for tour in self.tours}
        options = [option for option in self.reply_options if option.casefold() not in shown]
        return {
            "offer_id": self.offer_id,
            "trigger_id": self.trigger_id,
            "body": self.body,
            "session_id": self.session_id,
            "expires_at": self.expires_at,
            "tours": [msgspec.to_builtins(tour) for tour in self.tours],
            **({"reply_options": options} if options else {}),
        }


def new_offer_id() -> str:
    """A random id: 128 bits, URL-safe."""
    return f"offer_{secrets.token_urlsafe(16)}"
