"""Remembers in which chat windows the bot has opened a conversation, and what it has explained there."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from rasa_autoplay.link.requests import FollowUp

__all__ = ["OpenTalks", "Talk"]

#: How long a conversation counts as opened by the copilot after its last message.
_VALID_S = 300.0
_MAX_WINDOWS = 10_000


@dataclass
class Talk:
    """What the copilot has said in one window.

    Args:
        asked: requests the explanation of the offer.
        until: when the talk is over, in monotonic seconds.
        is_explained: whether the explanation was said.
        step: id of the step that was explained last by itself; empty for none.
        awaits_yes: whether the copilot's message is the last one, so that a "yes" answers it.
        lock: held while a message of the user is handled.
    """

    asked: FollowUp
    until: float
    is_explained: bool = False
    step: str = ""
    awaits_yes: bool = True
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class OpenTalks:
    """Keeps one talk for each window.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._talks: OrderedDict[str, Talk] = OrderedDict()

    def opened(self, sender_id: str, asked: FollowUp) -> None:
        """Record that the bot has asked its question in a window."""
        self._talks.pop(sender_id, None)
        self._talks[sender_id] = Talk(asked, self._clock() + _VALID_S)
        if len(self._talks) > _MAX_WINDOWS:
            self._talks.popitem(last=False)

    def explained(self, sender_id: str) -> None:
        """Record that the bot has explained the offer's workflow in a window."""
        talk = self.current(sender_id)
        if talk is not None:
            talk.is_explained = True
            self.said(talk)

    def current(self, sender_id: str) -> Talk | None:
        """The talk in a window; None if the copilot has not spoken there, or too long ago."""
        talk = self._talks.get(sender_id)
        return talk if talk is not None and self._clock() <= talk.until else None

    def said(self, talk: Talk) -> None:
        """Record that the copilot has said something in a talk."""
        talk.until, talk.awaits_yes = self._clock() + _VALID_S, True
