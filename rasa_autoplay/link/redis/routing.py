"""Chooses the partition of a message: its user's, or its session's while the user is unknown."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload
from rasa_autoplay.link.messages import Event, FeedOpened, FeedSnapshot, UpMessage
from rasa_autoplay.storage.redis_keys import PARTITIONS, partition_of

__all__ = ["Routing"]

_MAX_SESSIONS = 100_000
#: How many events are kept of each session whose user is unknown.
_MAX_ANONYMOUS_EVENTS = 20
#: How many such sessions are kept.
_MAX_ANONYMOUS = 1_000


class Routing:
    """Remembers the users of sessions, within limits."""

    def __init__(self) -> None:
        self._users: BoundedDict[str, str] = BoundedDict(_MAX_SESSIONS, self._evicted)
        #: Sessions whose user a token has proved; unverified events cannot change it.
        self._verified: set[str] = set()
        #: Events that went to a session's own partition. Once its user is known, they are sent to the user's
        #: partition too; the engine ignores those that it knows.
        self._anonymous: BoundedDict[str, deque[Event]] = BoundedDict(_MAX_ANONYMOUS)

    def sessions_without_user(self, messages: Iterable[UpMessage]) -> set[str]:
        """Return the sessions whose user neither these messages nor earlier ones name."""
        events = [message for message in messages if isinstance(message, Event)]
        named = {_session_of(event) for event in events if _user_of(event)}
        sessions = {_session_of(event) for event in events if not _user_of(event)}
        return {s for s in sessions - named if s and s not in self._users}

    def learn(self, session_id: str, user_id: str, *, is_verified: bool = False) -> bool:
        """Record a session's user; return False if it is not new, or not trustworthy."""
        known = self._users.get(session_id)
        if known not in (None, user_id) and session_id in self._verified:
            return False
        self._users[session_id] = user_id
        if is_verified:
            self._verified.add(session_id)
        return known != user_id

    def forget_user(self, user_id: str) -> None:
        """Forget which sessions belong to a user."""
        for session_id in [each for each, user in self._users.items() if user == user_id]:
            del self._users[session_id]
            self._verified.discard(session_id)
            self._anonymous.pop(session_id, None)

    def _evicted(self, session_id: str, _user_id: str) -> None:
        self._verified.discard(session_id)

    def learn_from(self, messages: Iterable[UpMessage]) -> dict[str, str]:
        """Record the users that messages name; return those that are new, by session."""
        new: dict[str, str] = {}
        for message in messages:
            if isinstance(message, Event) and (session_id := _session_of(message)):
                user_id = _user_of(message)
                if user_id and self.learn(session_id, user_id, is_verified=_is_verified(message)):
                    new[session_id] = user_id
        return new

    def route(self, message: UpMessage) -> Iterator[tuple[int, UpMessage]]:
        """Yield the message, or its parts, each with its partition."""
        if isinstance(message, FeedSnapshot):
            yield from _feeds_by_partition(message)
        elif isinstance(message, Event):
            yield from self._route_event(message)
        else:
            user_id = message.feed.user_id if isinstance(message, FeedOpened) else message.user_id
            yield partition_of(user_id), message

    def _route_event(self, event: Event) -> Iterator[tuple[int, UpMessage]]:
        session_id = _session_of(event)
        user_id = _user_of(event) or self._users.get(session_id, "")
        if not user_id:
            # A tour order is not repeated, and a summary is already in the session.
            if isinstance(event.payload, ActionsPayload):
                self._store_anonymous(session_id, event)
            yield partition_of(session_id), event
            return
        partition = partition_of(user_id)
        for earlier in self._anonymous.pop(session_id, ()):
            yield partition, earlier
        yield partition, event

    def _store_anonymous(self, session_id: str, event: Event) -> None:
        events = self._anonymous.get(session_id) or deque(maxlen=_MAX_ANONYMOUS_EVENTS)
        events.append(event)
        self._anonymous[session_id] = events


def _session_of(event: Event) -> str:
    return event.payload.session_id or ""


def _is_verified(event: Event) -> bool:
    return isinstance(event.payload, ActionsPayload) and event.payload.is_verified


def _user_of(event: Event) -> str:
    return "" if isinstance(event.payload, SummaryPayload) else event.payload.user_id or ""


def _feeds_by_partition(message: FeedSnapshot) -> Iterator[tuple[int, FeedSnapshot]]:
    wanted = message.partitions or range(PARTITIONS)
    parts: dict[int, FeedSnapshot] = {partition: FeedSnapshot([], [partition]) for partition in wanted}
    for feed in message.feeds:
        part = parts.get(partition_of(feed.user_id))
        if part is not None:
            part.feeds.append(feed)
    yield from parts.items()
