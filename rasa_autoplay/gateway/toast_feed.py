"""The toast feed, as the gateway serves it: one queue a browser connection."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.messages import Delivered, FeedClosed, FeedFrame, FeedInfo, FeedOpened, UpMessage

__all__ = ["Feed", "FeedHub", "TooManyFeeds"]

#: A browser that does not read for this many frames is cut (policy ``disconnect``); it comes back for them.
_MAX_QUEUED = 64


class TooManyFeeds(AutoplayError):
    """No further connection: this user, or this server, has too many.

    Args:
        of_user: True when it is the user's own bound.
    """

    def __init__(self, *, of_user: bool) -> None:
        super().__init__("this user has too many open feeds" if of_user else "too many open feeds")
        self.of_user = of_user


class Feed:
    """One browser connection.

    Args:
        user_id: whose toasts it shows.
        last_offer_id: the last offer that this browser has had; empty when none.
        tell: takes what the engine must know.
        sends_receipts: the page says what it has shown.
    """

    # There are thousands, nearly all of them waiting: an asyncio.Queue and a task for wait_for() would make
    # each one 5 KB heavier.
    __slots__ = (
        "_frames",
        "_is_ending",
        "_tell",
        "_waiter",
        "feed_id",
        "last_offer_id",
        "sends_receipts",
        "user_id",
    )

    def __init__(
        self,
        user_id: str,
        last_offer_id: str,
        tell: Callable[[UpMessage], bool],
        *,
        sends_receipts: bool = False,
    ) -> None:
        self.feed_id = f"feed_{secrets.token_urlsafe(9)}"
        self.user_id = user_id
        self.last_offer_id = last_offer_id
        self.sends_receipts = sends_receipts
        self._tell = tell
        #: Each with the time at which it came, by a clock that nobody can set.
        self._frames: list[tuple[float, FeedFrame]] = []
        self._is_ending = False
        self._waiter: asyncio.Future[None] | None = None

    def put(self, frame: FeedFrame) -> None:
        """Queue a frame, unless this browser has just had it."""
        if self._is_ending or (frame.id and frame.id == self.last_offer_id):
            return
        if len(self._frames) >= _MAX_QUEUED:
            self.end()
            return
        self.last_offer_id = frame.id or self.last_offer_id
        self._frames.append((time.monotonic(), frame))
        self._wake()

    def end(self) -> None:
        """Let the connection end once what is queued was written."""
        self._is_ending = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next(self, timeout_s: float) -> FeedFrame | None:
        """The next frame; None when the connection is to end.

        Raises:
            asyncio.TimeoutError: nothing came.
        """
        if not self._frames and not self._is_ending:
            await self._arrival(timeout_s)
        while self._frames:
            came_at, frame = self._frames.pop(0)
            if (now := frame.after_waiting(time.monotonic() - came_at)) is not None:
                return now
        if self._is_ending:
            return None
        raise asyncio.TimeoutError

    async def _arrival(self, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        alarm = loop.call_later(timeout_s, self._wake)
        try:
            await self._waiter
        finally:
            alarm.cancel()
            self._waiter = None

    def confirm(self, frame: FeedFrame) -> None:
        """The frame was written to the connection."""
        if frame.id:
            self._tell(Delivered(frame.id, [self.feed_id], self.user_id))

    def as_open_feed(self) -> FeedInfo:
        """What the engine is told of it."""
        return FeedInfo(self.feed_id, self.user_id, self.last_offer_id, self.sends_receipts)


class FeedHub:
    """All connections of this gateway.

    Args:
        tell: takes what the engine must know.
        max_feeds: so many in all.
        max_feeds_per_user: so many of one user.
    """

    def __init__(
        self, tell: Callable[[UpMessage], bool], max_feeds: int = 50_000, max_feeds_per_user: int = 32
    ) -> None:
        self._tell = tell
        self._max_feeds = max_feeds
        self._max_feeds_per_user = max_feeds_per_user
        self._by_user: dict[str, dict[str, Feed]] = {}
        self._count = 0
        #: Connections that there was no room for.
        self.refused: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def subscribe(self, user_id: str, last_offer_id: str, *, sends_receipts: bool = False) -> Iterator[Feed]:
        """A connection, for as long as the context lasts.

        Raises:
            TooManyFeeds: a bound is reached.
        """
        feeds = self._by_user.get(user_id, {})
        if len(feeds) >= self._max_feeds_per_user:
            self.refused["by_user"] += 1
            raise TooManyFeeds(of_user=True)
        if self._count >= self._max_feeds:
            self.refused["by_total"] += 1
            raise TooManyFeeds(of_user=False)
        feed = Feed(user_id, last_offer_id, self._tell, sends_receipts=sends_receipts)
        self._by_user.setdefault(user_id, feeds)[feed.feed_id] = feed
        self._count += 1
        self._tell(FeedOpened(feed.as_open_feed()))
        try:
            yield feed
        finally:
            self._remove(feed)
            self._tell(FeedClosed(feed.feed_id, feed.user_id))

    def _remove(self, feed: Feed) -> None:
        feeds = self._by_user[feed.user_id]
        del feeds[feed.feed_id]
        self._count -= 1
        if not feeds:
            del self._by_user[feed.user_id]

    async def take(self, frame: FeedFrame) -> None:
        """Hand a frame of the engine's to the connections that it is for."""
        for feed in list(self._by_user.get(frame.user_id, {}).values()):
            if not frame.feed_ids or feed.feed_id in frame.feed_ids:
                feed.put(frame)

    def users(self) -> Collection[str]:
        """Who has a connection."""
        return self._by_user.keys()

    def open_feeds(self) -> list[FeedInfo]:
        """Every connection, for an engine that does not know them."""
        return [feed.as_open_feed() for feeds in self._by_user.values() for feed in feeds.values()]

    def end_all(self) -> None:
        """End every connection: the server stops."""
        for feeds in self._by_user.values():
            for feed in feeds.values():
                feed.end()
