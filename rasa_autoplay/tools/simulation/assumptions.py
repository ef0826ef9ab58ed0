"""Assumptions about what recordings do not contain: the users' reactions to offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rasa_autoplay.settings.durations import format_duration

__all__ = ["ANSWERS", "Answer", "Assumptions"]

Answer = Literal["none", "dismiss", "accept"]
ANSWERS: tuple[Answer, ...] = ("none", "dismiss", "accept")

_REACTIONS = {
    "none": "ignore it until the interaction times out",
    "dismiss": "close it after {after}",
    "accept": "accept it after {after}",
}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How simulated users behave.

    Args:
        answers: what users do with a toast.
        answer_after_s: how many seconds after a toast they react.
        stays_s: how many seconds they stay on the page after a session's last recorded action. After that,
            nothing is offered in the session.
    """

    answers: Answer = "none"
    answer_after_s: float = 5.0
    stays_s: float = 120.0

    def to_text(self) -> str:
        """Describe the assumptions in sentences."""
        answer = _REACTIONS[self.answers].format(after=format_duration(self.answer_after_s))
        return (
            f"Users see a toast at once and {answer}. They stay for {format_duration(self.stays_s)} after "
            "the "
            "last recorded action of a session, and never write in the chat."
        )
