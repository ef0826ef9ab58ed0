"""An offer: one proactive message to one user, and the steps of its life.

queued ──► sent ──► rendered ──► seen ──► accepted | dismissed | snoozed | never
   ▲         │                    └────► timed_out ──► (still acceptable)
   └─────────┘  the feed was gone before the toast showed
queued, sent, rendered, seen, timed_out ──► expired ──► an answer, if the toast is still on the screen
accepted ──► seen  the chat could not be opened: the user said yes but got no help
withheld: chance has decided that the user gets nothing; its times are those of a toast that a user ignores

The time of each step is recorded. *Sent*: the offer was written to an open connection. *Rendered*: a page
shows it, or the connection stayed open for 2 s after the offer was sent. *Seen*: it was visible for a second
in an active tab, or the user answered it. An offer can be sent several times, but it is seen once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from rasa_autoplay.common.languages.each_language import in_each_language
from rasa_autoplay.common.shortening import shorten
from rasa_autoplay.engine.offers.offer_status import ANSWERS, CLOSING, Arm, OfferStatus
from rasa_autoplay.engine.offers.offer_texts import OfferTexts
from rasa_autoplay.engine.offers.offered_tour import OfferedTour

__all__ = [
    "ASKED_FOR",
    "ORDERED",
    "REQUESTED_TRIGGERS",
    "Offer",
    "new_offer_id",
    "reply_options",
]


#: Stand for the trigger in the records of tours that an upstream service ordered, or that a user asked for.
ORDERED = "usertour_trigger"
ASKED_FOR = "show_me_in_chat"
REQUESTED_TRIGGERS = frozenset({ORDERED, ASKED_FOR})

_ON_A_PAGE = frozenset({OfferStatus.RENDERED, OfferStatus.SEEN})
_RANK = {status: rank for rank, status in enumerate(OfferStatus)}


#: A toast has room for 5 extra buttons, and a button has room for 60 characters.
_MAX_REPLY_OPTIONS = 5
_LONGEST_REPLY_OPTION = 60


def reply_options(labels: Iterable[object]) -> list[str]:
    """The button texts that a toast can show: not empty, without duplicates, bounded in number and length."""
    different: dict[str, str] = {}
    for label in labels:
        text = in_each_language(label if isinstance(label, str) else str(label), _reply_option)
        if text:
            different.setdefault(text.casefold(), text)
    return list(different.values())[:_MAX_REPLY_OPTIONS]


def _reply_option(label: str) -> str:
    return shorten(" ".join(label.split()), _LONGEST_REPLY_OPTION)


class Offer(msgspec.Struct):
    """One proactive message to one user.

    Args:
        offer_id: random and unguessable, because knowing it is enough to answer the offer.
        trigger_id: the trigger that fired.
        body: the question, as the toast shows it and the bot says it.
        product_id: the product's id.
        session_id: the analytics session that it was made for.
        user_id: the user that it was made for.
        created_at: epoch seconds.
        expires_at: epoch seconds.
        evidence_until: timestamp of the newest action behind it, epoch seconds; no action up to that time
            counts again.
        golden_path: id of the workflow that it explains; empty if there is none.
        page: canonical URL of the page that the user was on.
        interaction_timeout_s: the trigger's own timeout; None for the session's.
        cooldown_s: the trigger's own cooldown; None for the session's.
        tours: the tours that "Show me" can start on that page.
        reply_options: texts of further buttons with which the user can answer.
        status: the last step that it reached.
        rendered_at: when its toast was shown, epoch seconds; 0 before that.
        sent_at: when it was last written to a browser's connection, epoch seconds; 0 before that.
        seen_at: when its toast had been visible for a second, or was answered, epoch seconds; 0 before that.
        closed_at: when the user answered or it expired, epoch seconds; 0 while it is open.
        arm: the group of users that the decision belongs to.
        show_probability: the probability, at the time of the decision, that a user in the same situation gets
            the offer; 0 to 1.
        holdout_probability: the probability, at that time, that a user is in the holdout; 0 to 1. Without the
            holdout, the offer is shown with the probability ``show_probability / (1 - holdout_probability)``.
        variant: id of the trigger's variant that the user gets; empty if the trigger has none.
        explored_gate: the gate that was opened or kept closed by chance; empty for none.
        first_way: the button that comes first, ``tour`` or ``chat``; empty for the usual order.
        texts: its texts in all their languages, as long as it is open in this engine; None if they have one
            only. The fields above are plain strings, as the user got them last.
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
    arm: Arm = Arm.SHOWN
    show_probability: float = 1.0
    holdout_probability: float = 0.0
    variant: str = ""
    explored_gate: str = ""
    first_way: str = ""
    texts: OfferTexts | None = None

    def say(self, texts: OfferTexts, languages: Sequence[str]) -> None:
        """Give it its texts, and choose a language.

        Args:
            texts: the texts in all their languages.
            languages: the user's languages, best first.
        """
        self.texts = texts if texts.has_languages else None
        chosen = texts.in_language(languages)
        self.body, self.reply_options, self.tours = (
            chosen.body,
            list(chosen.reply_options),
            list(chosen.tours),
        )

    def say_in(self, languages: Sequence[str]) -> None:
        """Choose another language, if it has texts in several."""
        if self.texts is not None:
            self.say(self.texts, languages)

    def shorten(self, body: str) -> None:
        """Replace its body, which is then the same in all languages."""
        self.body = body
        if self.texts is not None:
            self.texts = self.texts._replace(body=body)

    @property
    def subject(self) -> str:
        """The workflow that the user's answer is about, or the page if the offer has no workflow."""
        return self.golden_path or self.page

    @property
    def is_open(self) -> bool:
        """True until the user has answered or the offer has expired."""
        return self.status not in CLOSING and not (self.is_withheld and self.closed_at)

    @property
    def is_withheld(self) -> bool:
        """Whether chance has decided that its user gets nothing. It still counts as if it had been shown."""
        return self.status is OfferStatus.WITHHELD

    @property
    def awaits_rendering(self) -> bool:
        """True until its toast is shown, or would be if it were not withheld."""
        if self.is_withheld:
            return not self.rendered_at and not self.closed_at
        return self.status in (OfferStatus.QUEUED, OfferStatus.SENT)

    def advance(self, status: OfferStatus, now: float) -> bool:
        """Change to ``status`` if that is a step forward.

        Args:
            status: the reported status.
            now: epoch seconds.

        Returns:
            False if nothing changes, because the offer is closed or has passed this step.
        """
        if self.is_withheld:
            return self._advance_withheld(status, now)
        if status is OfferStatus.SEEN and self.status is OfferStatus.TIMED_OUT and not self.seen_at:
            # It is visible again, but its interaction timeout has still passed.
            self.seen_at = now
            return True
        if self.status is OfferStatus.EXPIRED and status in _ON_A_PAGE and not self.rendered_at:
            # It ended while it was on its way to the page. It stays ended, but it counts as shown.
            self.rendered_at = now
            self.seen_at = now if status is OfferStatus.SEEN else 0.0
            return True
        if not self._may_become(status):
            return False
        self.status = status
        self._record_time(now)
        return True

    def _advance_withheld(self, status: OfferStatus, now: float) -> bool:
        """Record when it would have been shown, and when it would have expired; its status stays the same."""
        if status is OfferStatus.RENDERED and self.awaits_rendering:
            self.rendered_at = now
            return True
        if status is OfferStatus.EXPIRED and self.is_open:
            self.closed_at = now
            return True
        return False

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
        if status is OfferStatus.WITHHELD:
            return False  # chance decides that once, before the offer is stored
        if self.status is OfferStatus.EXPIRED:
            return status in ANSWERS
        returns_to_queue = status is OfferStatus.QUEUED and self.status is OfferStatus.SENT
        return self.is_open and (_RANK[status] > _RANK[self.status] or returns_to_queue)

    def undo_acceptance(self, now: float) -> bool:
        """Return to *seen*, because the user accepted help but could not be given it.

        Args:
            now: epoch seconds.

        Returns:
            False if it was not accepted.
        """
        if self.status is not OfferStatus.ACCEPTED:
            return False
        is_over = now >= self.expires_at
        self.status = OfferStatus.EXPIRED if is_over else OfferStatus.SEEN
        self.closed_at = now if is_over else 0.0
        return True

    def life(self) -> dict[str, float]:
        """The steps that it has reached, in order, each with its time in epoch seconds."""
        if self.is_withheld:
            steps = {
                "withheld": self.created_at,
                "counted_as_shown": self.rendered_at,
                "ended": self.closed_at,
            }
            return {step: at for step, at in steps.items() if at}
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
            **({"first": self.first_way} if self.first_way else {}),
        }


def new_offer_id() -> str:
    """A random id: 128 bits, URL-safe."""
    return f"offer_{secrets.token_urlsafe(16)}"
