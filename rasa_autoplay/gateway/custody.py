"""Custody of the events that a sender is answered for: after a 200, a killed gateway does not lose them.

An event is safe once it stands in the journal on disk. Where there is no journal, or the disk fails, it is
safe once the engine or Redis has taken it: that costs the answer a round trip.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from rasa_autoplay.gateway.journal import EventJournal
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.link.messages import Event, UpMessage

__all__ = ["Custody", "Delivery"]

logger = logging.getLogger(__name__)

#: So long an answer waits for the engine or Redis, where the journal does not have the event.
_LONGEST_WAIT_S = 2.0


class Custody:
    """Sends events, and knows which of them are safe.

    Args:
        send: queues a message for the engine; False without room.
        journal: None where events are safe with the engine only.
    """

    def __init__(self, send: Callable[[Event], bool], journal: EventJournal | None) -> None:
        self._send = send
        self._journal = journal
        #: By the event's identity: whether the engine has taken it.
        self._awaited: dict[int, asyncio.Future[bool]] = {}

    def recover(self) -> None:
        """Send again what an earlier process has answered for; the engine passes over what it knows."""
        if self._journal is None:
            return
        events = self._journal.recover()
        for event in events:
            if not self._send(event):
                self._journal.release(event)
        if events:
            logger.info("%d events that a former process had accepted are sent to the engine.", len(events))

    def send(self, event: Event) -> asyncio.Future[bool] | None:
        """Queue an event and make it safe.

        Returns:
            None when it is safe at once; else what tells whether it has become safe.

        Raises:
            NoRoom: it was not queued.
        """
        if not self._send(event):
            raise QueueFullError
        if self._journal is not None and self._journal.append(event):
            return None
        taken = self._awaited[id(event)] = asyncio.get_running_loop().create_future()
        return taken

    def settled(self, message: UpMessage, is_taken: bool) -> None:
        """A message has left the queue: the engine or Redis has it, or nobody will."""
        if not isinstance(message, Event):
            return
        if self._journal is not None:
            self._journal.release(message)
        taken = self._awaited.pop(id(message), None)
        if taken is not None and not taken.done():
            taken.set_result(is_taken)

    def close(self) -> None:
        """Leave what is not safe elsewhere to the next process."""
        if self._journal is not None:
            self._journal.close()

    def health(self) -> dict[str, Any]:
        """Of the journal."""
        return self._journal.health() if self._journal is not None else {"state": "off"}


class Delivery:
    """What one request hands on, as a source's sink.

    Args:
        custody: of all events.
        sender: who is answerable for the events; empty for the sessions that they name.
    """

    def __init__(self, custody: Custody, sender: str = "") -> None:
        self._custody = custody
        self.sender = sender
        #: Queued, but not safe at once; the events are kept so that their identity stays theirs.
        self._pending: list[tuple[Event, asyncio.Future[bool]]] = []

    def accept(self, payload: Payload, source: str) -> bool:
        """Queue a payload; False when there is no room for it."""
        event = Event(payload, source, self.sender)
        try:
            taken = self._custody.send(event)
        except QueueFullError:
            return False
        if taken is not None:
            self._pending.append((event, taken))
        return True

    async def unsafe(self) -> list[Payload]:
        """Wait until all is safe, within a bound.

        Returns:
            What is not safe; its sender is to send it again.
        """
        if not self._pending:
            return []
        await asyncio.wait([taken for _, taken in self._pending], timeout=_LONGEST_WAIT_S)
        return [event.payload for event, taken in self._pending if not (taken.done() and taken.result())]
