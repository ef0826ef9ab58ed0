"""Who is listening: the browser connections to the toast feed, as the doors report them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from rasa_autoplay.link.messages import OpenFeed

__all__ = ["Presence", "by_door"]

_SEPARATOR = re.compile(r"[|:_\-/#]")
#: A prefix has at most so many parts: ``tenant:auth0|7``.
_MAX_PREFIX_PARTS = 2


class _Held(NamedTuple):
    """A feed, and the door that holds it."""

    door_id: str
    feed: OpenFeed


class Presence:
    """Open feeds by user, each with the door that holds it."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, _Held]] = {}
        self._by_door: dict[str, dict[str, str]] = {}
        #: How many users listen under an id that reads like this in lower case …
        self._wholes: Counter[str] = Counter()
        #: … and how many under one that does so without its prefix.
        self._unprefixed: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(len(feeds) for feeds in self._by_door.values())

    def opened(self, door_id: str, feed: OpenFeed) -> None:
        """A browser connected."""
        if feed.user_id not in self._by_user:
            self._by_user[feed.user_id] = {}
            self._count_spellings(feed.user_id, 1)
        self._by_user[feed.user_id][feed.feed_id] = _Held(door_id, feed)
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
            self._count_spellings(user_id, -1)

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
        return {feed_id: held.door_id for feed_id, held in self._by_user.get(user_id, {}).items()}

    def spells_otherwise(self, user_id: str) -> bool:
        """Whether somebody listens under an id that differs from this one in case or in a prefix only.

        ``Anna`` and ``anna``; ``auth0|7`` and ``7``. The cost does not depend on how many listen.
        """
        whole = user_id.casefold()
        others = self._wholes[whole] - (user_id in self._by_user)
        return bool(others or self._unprefixed[whole] or any(self._wholes[e] for e in _without_prefix(whole)))

    def _count_spellings(self, user_id: str, change: int) -> None:
        whole = user_id.casefold()
        _add(self._wholes, whole, change)
        for end in _without_prefix(whole):
            _add(self._unprefixed, end, change)

    def open_among(self, user_id: str, feed_ids: Iterable[str]) -> list[OpenFeed]:
        """Those of these connections that are still open."""
        feeds = self._by_user.get(user_id, {})
        return [feeds[feed_id].feed for feed_id in feed_ids if feed_id in feeds]


def by_door(feeds: Mapping[str, str]) -> dict[str, list[str]]:
    """Feed ids by the door that holds them.

    Args:
        feeds: feed id to door id.
    """
    found: dict[str, list[str]] = {}
    for feed_id, door_id in feeds.items():
        found.setdefault(door_id, []).append(feed_id)
    return found


def _without_prefix(whole: str) -> list[str]:
    """What an id reads like without its first parts: ``tenant:auth0|7`` like ``auth0|7`` and ``7``."""
    separators = islice(_SEPARATOR.finditer(whole), _MAX_PREFIX_PARTS)
    return [whole[separator.end() :] for separator in separators if separator.end() < len(whole)]


def _add(counts: Counter[str], key: str, change: int) -> None:
    counts[key] += change
    if not counts[key]:
        del counts[key]
