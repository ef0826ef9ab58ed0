"""The open browser connections to the toast feed, as the gateways report them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from rasa_autoplay.link.messages import FeedInfo

__all__ = ["Presence", "by_gateway"]

_SEPARATOR = re.compile(r"[|:_\-/#]")
#: A prefix has at most this many parts: ``tenant:auth0|7``.
_MAX_PREFIX_PARTS = 2


class _Held(NamedTuple):
    """A feed, and the gateway to which it is connected."""

    gateway_id: str
    feed: FeedInfo


class Presence:
    """The open feeds of each user, with their gateways."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, _Held]] = {}
        self._by_gateway: dict[str, dict[str, str]] = {}
        #: By lower-case id: number of connected users with that id …
        self._wholes: Counter[str] = Counter()
        #: … and number of connected users whose id without a prefix equals it.
        self._unprefixed: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(len(feeds) for feeds in self._by_gateway.values())

    @property
    def user_count(self) -> int:
        """The number of users with an open feed."""
        return len(self._by_user)

    def has(self, user_id: str) -> bool:
        """Whether the user has an open feed."""
        return user_id in self._by_user

    def opened(self, gateway_id: str, feed: FeedInfo) -> None:
        """Add a feed that a browser has opened."""
        if feed.user_id not in self._by_user:
            self._by_user[feed.user_id] = {}
            self._count_spellings(feed.user_id, 1)
        self._by_user[feed.user_id][feed.feed_id] = _Held(gateway_id, feed)
        self._by_gateway.setdefault(gateway_id, {})[feed.feed_id] = feed.user_id

    def closed(self, gateway_id: str, feed_id: str) -> None:
        """Remove a feed that has closed."""
        user_id = self._by_gateway.get(gateway_id, {}).pop(feed_id, None)
        if user_id is None:
            return
        feeds = self._by_user[user_id]
        feeds.pop(feed_id, None)
        if not feeds:
            del self._by_user[user_id]
            self._count_spellings(user_id, -1)

    def replace(self, gateway_id: str, feeds: Iterable[FeedInfo]) -> None:
        """Replace all feeds of a gateway."""
        self.lost(gateway_id)
        for feed in feeds:
            self.opened(gateway_id, feed)

    def lost(self, gateway_id: str) -> None:
        """Remove a gateway with all its feeds."""
        for feed_id in list(self._by_gateway.get(gateway_id, ())):
            self.closed(gateway_id, feed_id)
        self._by_gateway.pop(gateway_id, None)

    def forget_user(self, user_id: str) -> None:
        """Remove all feeds of a user."""
        for feed_id, gateway_id in self.feeds_of(user_id).items():
            self.closed(gateway_id, feed_id)

    def feeds_of(self, user_id: str) -> dict[str, str]:
        """Return the user's open feeds: feed id to gateway id."""
        return {feed_id: held.gateway_id for feed_id, held in self._by_user.get(user_id, {}).items()}

    def has_near_miss_id(self, user_id: str) -> bool:
        """Whether a user is connected whose id differs from this one only in case or in a prefix.

        Examples are ``Anna`` and ``anna``, or ``auth0|7`` and ``7``. The cost does not depend on the number
        of users.
        """
        whole = user_id.casefold()
        others = self._wholes[whole] - (user_id in self._by_user)
        return bool(others or self._unprefixed[whole] or any(self._wholes[e] for e in _without_prefix(whole)))

    def _count_spellings(self, user_id: str, change: int) -> None:
        whole = user_id.casefold()
        _add(self._wholes, whole, change)
        for end in _without_prefix(whole):
            _add(self._unprefixed, end, change)

    def open_among(self, user_id: str, feed_ids: Iterable[str]) -> list[FeedInfo]:
        """Return those of these feeds that are still open."""
        feeds = self._by_user.get(user_id, {})
        return [feeds[feed_id].feed for feed_id in feed_ids if feed_id in feeds]


def by_gateway(feeds: Mapping[str, str]) -> dict[str, list[str]]:
    """Group feed ids by their gateway.

    Args:
        feeds: feed id to gateway id.
    """
    found: dict[str, list[str]] = {}
    for feed_id, gateway_id in feeds.items():
        found.setdefault(gateway_id, []).append(feed_id)
    return found


def _without_prefix(whole: str) -> list[str]:
    """Return an id without its first parts: ``auth0|7`` and ``7`` for ``tenant:auth0|7``."""
    separators = islice(_SEPARATOR.finditer(whole), _MAX_PREFIX_PARTS)
    return [whole[separator.end() :] for separator in separators if separator.end() < len(whole)]


def _add(counts: Counter[str], key: str, change: int) -> None:
    counts[key] += change
    if not counts[key]:
        del counts[key]
