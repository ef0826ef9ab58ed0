"""What this gateway has seen since it started: how often, and when last.

Health shows it, so that the doctor can tell "works" from "nobody has tried it".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

__all__ = ["DOCTOR_USER", "Sighted", "Sightings"]

#: The doctor opens a feed in this name, which is no sighting of a browser.
DOCTOR_USER = "rasa-autoplay-doctor"

#: ``script``: a page has loaded autoplay.js. ``feed``: a browser has opened a toast feed. ``short_feed``: it
#: asked for a feed of a second, as it does if a proxy holds streams back. ``bot_feed``: the browser of either
#: feed is automated. ``receipt``: a browser has reported
#: what became of a toast. ``late_receipt``: that took too long. ``tour``: a browser has started a tour.
#: ``chat_message``: a user has written in the chat. ``token``: a user's token was valid.
Sighted = Literal[
    "script", "feed", "short_feed", "bot_feed", "receipt", "late_receipt", "tour", "chat_message", "token"
]


class Sightings:
    """Counts what happens.

    Args:
        clock: seconds; any clock that does not go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self._counts: dict[str, int] = dict.fromkeys(get_args(Sighted), 0)
        self._last: dict[str, float] = {}

    def saw(self, what: Sighted) -> None:
        """Count that it happened now."""
        self._counts[what] += 1
        self._last[what] = self._clock()

    def health(self) -> dict[str, Any]:
        """For how many seconds this gateway has watched, and by name the count and the age of the last."""
        now = self._clock()
        return {
            "for_s": round(now - self._since, 1),
            **{
                what: {"count": count, "last_age_s": round(now - self._last[what], 1) if count else None}
                for what, count in self._counts.items()
            },
        }
