"""Makes events safe before the gateway answers 200: a killed gateway does not lose them.

An event is safe once it is in the journal on disk. Without a journal, or if the disk fails, the event is safe
once the engine or Redis has received it; then the answer takes a round trip longer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from rasa_autoplay.gateway.journal import EventJournal
from rasa_autoplay.gateway.recent_events import RecentEvents
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.link.messages import Event, UpMessage

__all__ = ["Admitted", "Custody", "Delivery", "EventKeeper"]

logger = logging.getLogger(__name__)

#: Returns what may be kept of an event now; later, it delivers or drops the event by these functions.
Admitted = Callable[[Event, Callable[[Event], object], Callable[[Event], object]], "Event | None"]


def _as_it_is(event: Event, _deliver: object, _drop: object) -> Event:
    return event


#: How long an answer waits for the engine or Redis if the journal does not have the event.
_LONGEST_WAIT_S = 2.0


class EventKeeper(Protocol):
    """Makes events safe, and sends them to the engine."""

    def send(self, event: Event) -> asyncio.Future[bool] | None:
        """Queue an event and make it safe; see :meth:`Custody.send`."""
        ...


class Custody:
    """Queues events, and knows which of them are safe.

    Args:
        send: queues an event for the engine; False if the queue is full.
        journal: None if only the engine or Redis makes events safe.
        recent: keeps what the engine has received, if the engine ends together with this process.
    """

    def __init__(
        self,
        send: Callable[[Event], bool],
        journal: EventJournal | None,
        recent: RecentEvents | None = None,
    ) -> None:
        self._send = send
        self._journal = journal
        self._recent = recent
        #: By the event's identity: becomes True once the engine or Redis has received it.
        self._pending: dict[int, asyncio.Future[bool]] = {}

    def recover(self, admitted: Admitted = _as_it_is) -> None:
        """Send the stored events of an earlier process again; the engine ignores those that it knows.

        Args:
            admitted: returns what may be kept of an event.
        """
        if self._recent is not None:
            self._recover_recent(self._recent, admitted)
        if self._journal is None:
            return
        events = self._journal.recover()
        for event in events:
            part = admitted(event, self._send_stored, self._discard)
            if part is not None:
                self._send_stored(part)
        if events:
            logger.info("%d events from the journal of an earlier process are sent again.", len(events))

    def _recover_recent(self, recent: RecentEvents, admitted: Admitted) -> None:
        events = recent.recover()
        parts = [part for event in events if (part := admitted(event, self._send, bool)) is not None]
        if len(parts) < len(events):
            # Those that are admitted later are stored again when the engine has received them.
            recent.replace(parts)
        for part in parts:
            self._send(part)

    def _send_stored(self, event: Event) -> None:
        """Send an event that the journal has."""
        if not self._send(event) and self._journal is not None:
            self._journal.release(event)

    def _discard(self, event: Event) -> None:
        """Delete an event that must not be kept, also from the disk."""
        if self._journal is not None:
            self._journal.release(event)
            self._journal.rewrite()

    def forget(self, is_theirs: Callable[[Event], bool]) -> None:
        """Delete events from the disk. The caller has emptied those that wait for the engine."""
        if self._recent is not None:
            self._recent.forget(is_theirs)
        if self._journal is not None:
            self._journal.rewrite()

    def send(self, event: Event) -> asyncio.Future[bool] | None:
        """Queue an event and make it safe.

        Returns:
            None if the event is safe already; otherwise a future that says whether it has become safe.

        Raises:
            QueueFullError: the event was not queued.
        """
        if not self._send(event):
            raise QueueFullError
        if self._journal is not None and self._journal.append(event):
            return None
        received = self._pending[id(event)] = asyncio.get_running_loop().create_future()
        return received

    def record_outcome(self, message: UpMessage, is_received: bool) -> None:
        """Record that a message left the queue: the engine or Redis received it, or it was dropped."""
        if not isinstance(message, Event):
            return
        if self._recent is not None and is_received:
            self._recent.append(message)
        if self._journal is not None:
            self._journal.release(message)
        received = self._pending.pop(id(message), None)
        if received is not None and not received.done():
            received.set_result(is_received)

    def close(self) -> None:
        """Leave the stored events to the next process."""
        if self._recent is not None:
            self._recent.close()
        if self._journal is not None:
            self._journal.close()

    def health(self) -> dict[str, Any]:
        """The journal's health."""
        health = self._journal.health() if self._journal is not None else {"state": "off"}
        return {**health, "recent": self._recent.health()} if self._recent is not None else health


class Delivery:
    """The sink for the payloads of one request.

    Args:
        keeper: makes the events safe.
        sender: the sender whose share of the queue the events use; empty for the share of their session.
    """

    def __init__(self, keeper: EventKeeper, sender: str = "") -> None:
        self._keeper = keeper
        self.sender = sender
        #: Queued events that are not safe yet; a reference keeps each event's identity unique.
        self._pending: list[tuple[Event, asyncio.Future[bool]]] = []

    def accept(self, payload: Payload, source: str) -> bool:
        """Queue a payload; False if the queue is full."""
        event = Event(payload, source, self.sender)
        try:
            received = self._keeper.send(event)
        except QueueFullError:
            return False
        if received is not None:
            self._pending.append((event, received))
        return True

    async def unsafe(self) -> list[Payload]:
        """Wait at most two seconds until all events are safe.

        Returns:
            The payloads that are not safe; the sender should send them again.
        """
        if not self._pending:
            return []
        await asyncio.wait([received for _, received in self._pending], timeout=_LONGEST_WAIT_S)
        return [
            event.payload for event, received in self._pending if not (received.done() and received.result())
        ]
