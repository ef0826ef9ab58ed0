"""Counts the users whose page is connected to the toast feed, and who were never seen to act.

A page loads autoplay.js and posthog-js together, and posthog-js reports the page view at once. If it drops
its events (an ad blocker, a filter for bots, a wrong key), then the feed is open and nothing else ever comes.
"""

from __future__ import annotations

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.offers.presence import Presence

__all__ = ["SILENT_AFTER_S", "SilentUsers"]

#: An event of a page that works arrives within seconds of its feed.
SILENT_AFTER_S = 60.0
_MAX_USERS = 10_000


class SilentUsers:
    """Remembers who has opened a feed and has not acted since.

    Args:
        presence: the open feeds.
    """

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        #: When their feed opened, epoch seconds, by the user's id.
        self._since: BoundedDict[str, float] = BoundedDict(_MAX_USERS)

    def opened(self, user_id: str, now: float) -> None:
        """Record that a user without a live session has opened a feed."""
        if user_id not in self._since:
            self._since[user_id] = now

    def acted(self, user_id: str) -> None:
        """Record that an action of a user has arrived."""
        self._since.pop(user_id, None)

    def closed(self, user_id: str) -> None:
        """Record that a feed of a user has closed."""
        if not self._presence.has(user_id):
            self._since.pop(user_id, None)

    def health(self, now: float) -> dict[str, int]:
        """Return how many users have an open feed, and how many of them have been silent for a minute."""
        left = [user_id for user_id in self._since if not self._presence.has(user_id)]
        for user_id in left:  # their gateway is gone
            del self._since[user_id]
        silent = sum(now - since >= SILENT_AFTER_S for since in self._since.values())
        return {"connected_users": self._presence.user_count, "silent_users": silent}
