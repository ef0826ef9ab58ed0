"""The contract of a judge: it may veto an offer or shorten its words, and never originates one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rasa_autoplay.events.models import SlimAction

__all__ = ["Judge", "JudgeResult"]


@dataclass(frozen=True, slots=True)
class JudgeResult:
    """What the judge says.

    Args:
        body: the offer's words, perhaps fewer of them.
        vetoes: True when the offer is not to be made.
        reason: why, for people.
    """

    body: str
    vetoes: bool = False
    reason: str = ""


class Judge(Protocol):
    """Looks at an offer that triggers and courtesy have decided on."""

    async def review(self, body: str, recent: Sequence[SlimAction]) -> JudgeResult:
        """Judge an offer; what fails or is slow leaves it as it is, and nothing is raised.

        Args:
            body: what the toast is to say.
            recent: what the user did last, oldest first.
        """
        ...
