"""What a recording does not tell, and a simulation must therefore assume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rasa_autoplay.settings.durations import format_duration

__all__ = ["ANSWERS", "Answer", "Assumptions"]

Answer = Literal["none", "dismiss", "accept"]
ANSWERS: tuple[Answer, ...] = ("none", "dismiss", "accept")

_SAYS = {
    "none": "the user leaves the toast alone, and the interaction ends by its timeout",
    "dismiss": "the user closes every toast {after} after it appears",
    "accept": "the user accepts every toast {after} after it appears, and does nothing else with us",
}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How users behave who were not there.

    Args:
        answers: what they do with a toast.
        answer_after_s: how long they think about it.
        stays_s: how long they stay on the page after the last action that was recorded of a session: only so
            long can anything be offered in it.
    """

    answers: Answer = "none"
    answer_after_s: float = 5.0
    stays_s: float = 120.0

    def to_text(self) -> str:
        """In words."""
        answer = _SAYS[self.answers].format(after=format_duration(self.answer_after_s))
        return (
            f"A toast is seen at once; {answer}. A user stays for {format_duration(self.stays_s)} after the "
            "last recorded action of a session. Nobody writes in the chat."
        )
