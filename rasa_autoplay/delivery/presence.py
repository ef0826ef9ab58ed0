"""Who is listening: the browser connections to the toast feed, as the doors report them."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_autoplay.link.messages import OpenFeed

__all__ = ["Presence"]

_SEPARATORS = tuple("|:_-/#")


class Presence:
    """Open feeds by user, each with the door that holds it."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, str]] = {}
        self._by_door: dict[str, dict[str, str]] = {}

    def __len__(self) -> int:
        return sum(len(feeds) for feeds in self._by_door.values())

    def opened(self, door_id: str, feed: OpenFeed) -> None:
        """A browser connected."""
        self._by_user.setdefault(feed.user_id, {})[feed.feed_id] = door_id
        self._by_door.setdefault(door_id, {})[feed.feed_id] = feed.user_id

    def closed(self, door_id: str, feed_id: str) -> None:
        """A browser went away."""
        user_id = self._by_door.get(door_id, {}).pop(feed_id, None)
        if user_id is None:
            return
        feeds = self._by_user[user_id]
        feeds.pop(feed_id, None)
        if not feeds:
            del self._by_user[user_id]

    def replace(self, door_id: str, feeds: Iterable[OpenFeed]) -> None:
        """The door says what it holds now; whatever else we believed of it is over."""
        self.lost(door_id)
        for feed in feeds:
            self.opened(door_id, feed)

    def lost(self, door_id: str) -> None:
        """The door is gone, and its feeds with it."""
        for feed_id in list(self._by_door.get(door_id, ())):
            self.closed(door_id, feed_id)
        self._by_door.pop(door_id, None)

    def feeds_of(self, user_id: str) -> dict[str, str]:
        """The user's open feeds: feed id to door id."""
        return dict(self._by_user.get(user_id, {}))

    def spells_otherwise(self, user_id: str) -> bool:
        """Whether somebody listens under an id that differs from this one in case or in a prefix only."""
        return any(_is_other_spelling(user_id, each) for each in self._by_user)

    def has(self, user_id: str, feed_ids: Iterable[str]) -> bool:
        """Whether one of these feeds is still open."""
        feeds = self._by_user.get(user_id, {})
        return any(feed_id in feeds for feed_id in feed_ids)


def _is_other_spelling(one: str, other: str) -> bool:
    """``Anna`` and ``anna``; ``auth0|7`` and ``7``."""
    if one == other:
        return False
    shorter, longer = sorted((one.casefold(), other.casefold()), key=len)
    prefix = longer.removesuffix(shorter)
    return longer == shorter or (prefix != longer and prefix.endswith(_SEPARATORS))
