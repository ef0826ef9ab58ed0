"""The toast feed: one queue of frames for each browser connection."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Delivered, FeedClosed, FeedInfo, FeedOpened, UpMessage

__all__ = ["Feed", "FeedHub", "Subscription", "TooManyFeeds"]

#: Overflow policy ``disconnect``: if this many frames wait for a browser, it is disconnected. It reconnects
#: and gets the frames again.
_MAX_QUEUED = 64


class TooManyFeeds(AutoplayError):
    """This user or this server has too many connections.

    Args:
        of_user: whether the limit of the user is reached; otherwise that of the server.
    """

    def __init__(self, *, of_user: bool) -> None:
        super().__init__("this user has too many open feeds" if of_user else "too many open feeds")
        self.of_user = of_user


class Feed:
    """One browser connection.

    Args:
        user_id: the user whose toasts it shows.
        last_offer_id: the last offer that this browser received; empty if there is none.
        send: sends a message to the engine.
        sends_receipts: whether the page reports what it has shown.
        languages: the page's languages, best first; empty if it does not say.
    """

    # There are thousands of idle feeds: an asyncio.Queue and a task for wait_for() would add 5 KB to each.
    __slots__ = (
        "_frames",
        "_is_ending",
        "_send",
        "_waiter",
        "feed_id",
        "languages",
        "last_offer_id",
        "sends_receipts",
        "user_id",
    )

    def __init__(
        self,
        user_id: str,
        last_offer_id: str,
        send: Callable[[UpMessage], bool],
        *,
        sends_receipts: bool = False,
        languages: tuple[str, ...] = (),
    ) -> None:
        self.feed_id = f"feed_{secrets.token_urlsafe(9)}"
        self.user_id = user_id
        self.last_offer_id = last_offer_id
        self.sends_receipts = sends_receipts
        self.languages = languages
        self._send = send
        #: Each frame with the time of its arrival, monotonic seconds.
        self._frames: list[tuple[float, FeedFrame]] = []
        self._is_ending = False
        self._waiter: asyncio.Future[None] | None = None

    def put(self, frame: FeedFrame) -> None:
        """Queue a frame, unless it is the last one that this browser received."""
        if self._is_ending or (frame.id and frame.id == self.last_offer_id):
            return
        if len(self._frames) >= _MAX_QUEUED:
            self.end()
            return
        self.last_offer_id = frame.id or self.last_offer_id
        self._frames.append((time.monotonic(), frame))
        self._wake()

    def withdraw(self, offer_id: str) -> None:
        """Forget a frame that still waits for the browser."""
        left = [(came_at, frame) for came_at, frame in self._frames if frame.id != offer_id]
        if len(left) < len(self._frames):
            self._frames = left
            self.last_offer_id = ""

    def end(self) -> None:
        """End the connection once the queued frames are written."""
        self._is_ending = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next(self, timeout_s: float) -> FeedFrame | None:
        """The next frame; None if the connection must end.

        Raises:
            asyncio.TimeoutError: no frame arrived in time.
        """
        if not self._frames and not self._is_ending:
            # Not in a method of its own: a suspended coroutine and its frame take 576 bytes of each feed.
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            alarm = loop.call_later(timeout_s, self._wake)
            try:
                await self._waiter
            finally:
                alarm.cancel()
                self._waiter = None
        while self._frames:
            came_at, frame = self._frames.pop(0)
            if (now := frame.after_waiting(time.monotonic() - came_at)) is not None:
                return now
        if self._is_ending:
            return None
        raise asyncio.TimeoutError

    def confirm(self, frame: FeedFrame) -> None:
        """Report to the engine that a frame was written to the connection."""
        if frame.id:
            self._send(Delivered(frame.id, [self.feed_id], self.user_id))

    @property
    def waiting(self) -> int:
        """How many frames wait for the browser."""
        return len(self._frames)

    def info(self) -> FeedInfo:
        """What the engine knows about this feed."""
        return FeedInfo(self.feed_id, self.user_id, self.last_offer_id, self.sends_receipts, self.languages)


class Subscription:
    """Opens a feed while the context lasts.

    Args:
        hub: the hub of all feeds.
        feed: the feed.
    """

    # A generator with @contextmanager would take 900 bytes of each feed.
    __slots__ = ("_feed", "_hub")

    def __init__(self, hub: FeedHub, feed: Feed) -> None:
        self._hub = hub
        self._feed = feed

    def __enter__(self) -> Feed:
        self._hub.open(self._feed)
        return self._feed

    def __exit__(self, *_failure: object) -> None:
        self._hub.close(self._feed)


class FeedHub:
    """All connections of this gateway.

    Args:
        send: sends a message to the engine.
        max_feeds: the limit of this server.
        max_feeds_per_user: the limit of one user.
    """

    def __init__(
        self, send: Callable[[UpMessage], bool], max_feeds: int = 50_000, max_feeds_per_user: int = 32
    ) -> None:
        self._send = send
        self._max_feeds = max_feeds
        self._max_feeds_per_user = max_feeds_per_user
        self._by_user: dict[str, dict[str, Feed]] = {}
        self._count = 0
        #: Refused connections, by the limit that was reached.
        self.refused: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._count

    def subscribe(
        self,
        user_id: str,
        last_offer_id: str,
        *,
        sends_receipts: bool = False,
        languages: tuple[str, ...] = (),
    ) -> Subscription:
        """Return a feed, which is open while it is used as a context.

        Raises:
            TooManyFeeds: a limit is reached.
        """
        if len(self._by_user.get(user_id, ())) >= self._max_feeds_per_user:
            self.refused["by_user"] += 1
            raise TooManyFeeds(of_user=True)
        if self._count >= self._max_feeds:
            self.refused["by_total"] += 1
            raise TooManyFeeds(of_user=False)
        feed = Feed(user_id, last_offer_id, self._send, sends_receipts=sends_receipts, languages=languages)
        return Subscription(self, feed)

    def open(self, feed: Feed) -> None:
        """Add a feed, and tell the engine."""
        self._by_user.setdefault(feed.user_id, {})[feed.feed_id] = feed
        self._count += 1
        self._send(FeedOpened(feed.info()))

    def close(self, feed: Feed) -> None:
        """Remove a feed, and tell the engine."""
        self._remove(feed)
        self._send(FeedClosed(feed.feed_id, feed.user_id))

    def _remove(self, feed: Feed) -> None:
        feeds = self._by_user[feed.user_id]
        del feeds[feed.feed_id]
        self._count -= 1
        if not feeds:
            del self._by_user[feed.user_id]

    async def deliver(self, frame: FeedFrame) -> None:
        """Queue a frame from the engine for its user's feeds, or take back one that waits there."""
        if frame.is_trace_notice:
            return
        for feed in list(self._by_user.get(frame.user_id, {}).values()):
            if frame.is_withdrawal:
                feed.withdraw(frame.id)
            elif not frame.feed_ids or feed.feed_id in frame.feed_ids:
                feed.put(frame)

    @property
    def waiting(self) -> int:
        """How many frames wait for browsers."""
        return sum(feed.waiting for feeds in self._by_user.values() for feed in feeds.values())

    def feeds_of(self, user_id: str) -> list[Feed]:
        """A user's connections."""
        return list(self._by_user.get(user_id, {}).values())

    def users(self) -> Collection[str]:
        """The users who have an open feed."""
        return self._by_user.keys()

    def languages_of(self, user_id: str) -> tuple[str, ...]:
        """The languages of the user's newest page that is connected to this server; empty if unknown."""
        feeds = reversed(self._by_user.get(user_id, {}).values())
        return next((feed.languages for feed in feeds if feed.languages), ())

    def open_feeds(self) -> list[FeedInfo]:
        """All open feeds, for an engine that does not know them."""
        return [feed.info() for feeds in self._by_user.values() for feed in feeds.values()]

    def end_all(self) -> None:
        """End every connection, because the server stops."""
        for feeds in self._by_user.values():
            for feed in feeds.values():
                feed.end()
