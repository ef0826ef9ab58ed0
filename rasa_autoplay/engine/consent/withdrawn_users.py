"""Ignores messages about users who have withdrawn their consent.

A gateway stops sending them at once. But messages may be under way, or another gateway may not have heard of
the withdrawal yet.
"""

from __future__ import annotations

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import SummaryPayload
from rasa_autoplay.link.messages import Event, FeedClosed, FeedOpened, FeedSnapshot, UpMessage

__all__ = ["WithdrawnUsers"]

#: Only messages that were under way are ignored, so the latest withdrawals are enough.
_MAX_USERS = 10_000


class WithdrawnUsers:
    """The users who withdrew their consent since the engine started. Only hashes of their ids are kept."""

    def __init__(self) -> None:
        self._users: BoundedDict[int, None] = BoundedDict(_MAX_USERS)
        #: How many messages were ignored.
        self.ignored = 0

    def add(self, user_id: str) -> None:
        """Ignore a user's messages from now on."""
        self._users[hash(user_id)] = None

    def remove(self, user_id: str) -> None:
        """Accept a user's messages again."""
        self._users.pop(hash(user_id), None)

    def ignores(self, message: UpMessage) -> bool:
        """Whether a message must not be applied; counts those."""
        if not self._users or hash(_user_of(message)) not in self._users:
            return False
        self.ignored += 1
        return True


def _user_of(message: UpMessage) -> str:
    """The user of a message; empty if it has none, or if it must be applied for anybody."""
    if isinstance(message, Event):
        return "" if isinstance(message.payload, SummaryPayload) else message.payload.user_id or ""
    if isinstance(message, (FeedSnapshot, FeedClosed)):
        return ""
    return message.feed.user_id if isinstance(message, FeedOpened) else message.user_id
