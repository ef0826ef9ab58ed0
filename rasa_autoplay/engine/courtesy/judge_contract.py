"""The contract of a judge: it may veto an offer or shorten its text, but never makes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rasa_autoplay.events.models import SlimAction

__all__ = ["Judge", "JudgeResult"]


@dataclass(frozen=True, slots=True)
class JudgeResult:
    """A judge's decision.

    Args:
        body: the offer's text, perhaps shortened.
        vetoes: whether the offer must not be made.
        reason: the reason, as text for people.
    """

    body: str
    vetoes: bool = False
    reason: str = ""


class Judge(Protocol):
    """Reviews offers before they are made."""

    async def review(self, body: str, recent: Sequence[SlimAction]) -> JudgeResult:
        """Review an offer. On a failure or timeout the offer stays as it is, and nothing is raised.

        Args:
            body: the text of the toast.
            recent: the user's last actions, oldest first.
        """
        ...
