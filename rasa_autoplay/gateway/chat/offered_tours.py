"""Remembers which chat windows offer a tour, and recognises messages that accept it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from rasa_autoplay.common.conversation.show_me import means_yes, tour_of_payload

__all__ = ["OfferedTours"]

#: How long a typed "yes" accepts the offer; later, it may answer something else.
_VALID_S = 300.0
_MAX_WINDOWS = 10_000


class OfferedTours:
    """Remembers the last explanation with a button, for each chat window.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._offered: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def offer(self, sender_id: str, tour_id: str) -> None:
        """Record that the bot has explained a workflow in a window and offers its tour."""
        self._offered.pop(sender_id, None)
        self._offered[sender_id] = (tour_id, self._clock() + _VALID_S)
        if len(self._offered) > _MAX_WINDOWS:
            self._offered.popitem(last=False)

    def accepted_by_text(self, sender_id: str, text: str) -> str:
        """The tour that a typed message accepts; empty if it accepts none. Only the next message can."""
        tour_id, until = self._offered.pop(sender_id, ("", 0.0))
        is_late = self._clock() > until
        return "" if is_late or tour_of_payload(text) or not means_yes(text) else tour_id
