"""Assumptions about what recordings do not contain: the users' reactions to offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.replay.answer_shares import MEASURED, AnswerShares, parse_answers
from rasa_autoplay.engine.rollout.buckets import bucket
from rasa_autoplay.settings.durations import format_duration

__all__ = ["Assumptions"]

_REACTIONS = {
    "none": "ignore it until the interaction times out",
    "dismiss": "close it after {after}",
    "accept": "accept it after {after}",
    MEASURED: "answer it after {after}, as often as your users do",
}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How simulated users behave.

    Args:
        answers: what users do with a toast: ``none``, ``dismiss``, ``accept``, ``measured``, or shares such
            as ``accept=30%,dismiss=50%``.
        answer_after_s: how many seconds after a toast they react.
        stays_s: how many seconds they stay on the page after a session's last recorded action. After that,
            nothing is offered in the session.
        measured: for ``measured``, the shares of the answers by trigger.
    """

    answers: str = "none"
    answer_after_s: float = 5.0
    stays_s: float = 120.0
    measured: Mapping[str, AnswerShares] = field(default_factory=dict)

    def answer_to(self, offer: Offer) -> str:
        """Return the receipt of the user's answer, the same in each run; empty if they ignore the toast."""
        if offer.is_withheld:
            return ""
        if self.answers == MEASURED:
            shares = self.measured.get(offer.trigger_id, AnswerShares())
        else:
            shares = parse_answers(self.answers)
        # The offer's id is another one in each run.
        return shares.choose(bucket("answer", offer.trigger_id, offer.user_id, repr(offer.created_at)))

    def to_text(self) -> str:
        """Describe the assumptions in sentences."""
        known = _REACTIONS.get(self.answers)
        answer = known or f"react after {{after}}: {parse_answers(self.answers).to_text()}"
        answer = answer.format(after=format_duration(self.answer_after_s))
        return (
            f"Users see a toast at once and {answer}. They stay for {format_duration(self.stays_s)} after "
            f"the last recorded action of a session, and never write in the chat.{self._measurements()}"
        )

    def _measurements(self) -> str:
        return "".join(f" {name}: {shares.to_text()}." for name, shares in sorted(self.measured.items()))
