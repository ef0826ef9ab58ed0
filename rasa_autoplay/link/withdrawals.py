"""Remembers which offers were withdrawn, so that a queue of frames skips them."""

from __future__ import annotations

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.link.frames import FeedFrame

__all__ = ["Withdrawals"]

#: As many as frames can wait in a queue.
_MAX_REMEMBERED = 10_000


class Withdrawals:
    """The offers that were withdrawn lately."""

    def __init__(self) -> None:
        self._offer_ids: BoundedDict[str, None] = BoundedDict(_MAX_REMEMBERED)

    def note(self, frame: FeedFrame) -> None:
        """Remember the offer that a frame withdraws, if it withdraws one."""
        if frame.is_withdrawal:
            self._offer_ids[frame.id] = None

    def include(self, frame: FeedFrame) -> bool:
        """Whether a frame carries an offer that was withdrawn after the frame was queued."""
        return frame.id in self._offer_ids and not frame.is_withdrawal
