"""Sends messages to the engine in order, each at least once, in batches that grow when the engine is slow."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.common.runtime.timers import wait_with_timeout
from rasa_autoplay.errors import BatchRefused, EngineUnreachable
from rasa_autoplay.events.models import UsertourTrigger
from rasa_autoplay.link.base import SettledHandler, no_observer
from rasa_autoplay.link.fair_queue import FairQueue
from rasa_autoplay.link.messages import (
    Batch,
    BatchAnswer,
    Event,
    FeedInfo,
    FeedSnapshot,
    UpMessage,
    sender_of,
    weight_of,
)
from rasa_autoplay.link.pacing import Pace
from rasa_autoplay.link.replay import ReplayWindow

__all__ = ["Uplink"]

#: When the queue is full, new messages are refused, because the engine needs the beginning of a session. But
#: a
#: sender that floods the queue loses its newest messages to others. A message weighs 1, plus 1 for each
#: action.
MAX_QUEUED_WEIGHT = 200_000
#: Senders do not take turns within a batch, so a batch is small enough for the engine to apply in about 50
#: ms.
MAX_BATCH_WEIGHT = 500
#: A post costs both servers more than a message. Up to this rate, each message is posted at once; above it,
#: messages that arrive within 12.5 ms share a post.
_POSTS_PER_SECOND = 80.0
_BURST = 16
_AGEING_S = 30.0

logger = logging.getLogger(__name__)

PostBatch = Callable[[Batch], Awaitable[BatchAnswer]]


class Uplink:
    """Queues messages and posts them until the engine acknowledges them.

    A message leaves the queue when the engine has accepted it. If the engine id changes, the engine has
    restarted, and the gateway sends its open feeds and the recent events first.

    Senders take turns. A message gets its number when its turn comes. From then on its place is fixed, so
    that a batch that is posted again is the same.

    Args:
        product_id: the product that the gateway is configured for.
        post: delivers one batch; raises :class:`EngineUnreachable`, or :class:`BatchRefused`.
        clock: epoch seconds.
    """

    def __init__(self, product_id: str, post: PostBatch, clock: Callable[[], float]) -> None:
        self._product_id = product_id
        self._post = post
        self._open_feeds: Callable[[], list[FeedInfo]] = list
        self._clock = clock
        self.gateway_id = f"gateway_{secrets.token_urlsafe(9)}"
        self._engine_id = ""
        self._on_settled: SettledHandler = no_observer
        #: Messages that wait for their sender's turn.
        self._waiting: FairQueue[UpMessage] = FairQueue(MAX_QUEUED_WEIGHT, self._evicted)
        #: Messages that have a number.
        self._outgoing: deque[UpMessage] = deque()
        self._outgoing_weight = 0
        self._batch_weight = MAX_BATCH_WEIGHT
        self._has_gap = False
        self._next_number = 1
        self._arrived = asyncio.Event()
        self._replay = ReplayWindow()
        self._pace = Pace(_POSTS_PER_SECOND, _BURST, time.monotonic)
        self.counts: Counter[str] = Counter()
        self.problem = ""

    def __len__(self) -> int:
        return len(self._outgoing) + len(self._waiting)

    @property
    def queued_weight(self) -> int:
        """The weight of all messages that the engine has not accepted yet."""
        return self._outgoing_weight + self._waiting.weight

    def health(self) -> dict[str, Any]:
        """Return what waits, and the counts."""
        return {
            "queued": len(self),
            "queue_used": round(self.queued_weight / MAX_QUEUED_WEIGHT, 4),
            **self.counts,
        }

    def send(self, message: UpMessage) -> bool:
        """Queue a message; return False if the queue is full, which ``counts`` records as dropped."""
        if not self._waiting.put(sender_of(message), message, weight_of(message)):
            self.counts["dropped"] += 1
            self._record_gap(message)
            return False
        self._arrived.set()
        return True

    def _evicted(self, message: UpMessage) -> None:
        self.counts["evicted"] += 1
        self._record_gap(message)
        self._on_settled(message, False)

    def _record_gap(self, lost: UpMessage) -> None:
        """Record that the engine may have missed a message about feeds."""
        self._has_gap = self._has_gap or not isinstance(lost, Event)

    def forget(self, is_theirs: Callable[[Event], bool]) -> None:
        """Empty some events, because their user's data is deleted. They keep their place and number."""
        for message in (*self._waiting, *self._outgoing):
            if isinstance(message, Event) and is_theirs(message):
                message.empty()
        self._replay.forget_those(is_theirs)

    def watch_settled(self, on_settled: SettledHandler) -> None:
        """Set the observer of messages that leave the queue, accepted or not."""
        self._on_settled = on_settled

    def watch_feeds(self, open_feeds: Callable[[], list[FeedInfo]]) -> None:
        """Set the function that lists the gateway's open feeds."""
        self._open_feeds = open_feeds

    def announce_feeds(self) -> None:
        """Send the engine a list of the open feeds, because the link is established."""
        self.counts["connections"] += 1
        self.send(FeedSnapshot(self._open_feeds()))

    async def run(self) -> None:
        """Post batches as messages arrive, until cancelled."""
        retry = Retry()
        while True:
            await self._wait_for_work()
            await self._wait_for_turn()
            try:
                await self.flush()
                retry.succeeded()
                continue
            except EngineUnreachable as problem:
                self.problem = str(problem)
            except Exception as problem:
                logger.exception("Sending to the engine failed; the link will retry.")
                self.problem = f"{type(problem).__name__}: see the Rasa server's log."
            await retry.wait()

    async def _wait_for_work(self) -> None:
        """Wait for a message. Drop old events meanwhile, so that quiet times free memory."""
        await wait_with_timeout(self._arrived, _AGEING_S)
        self._replay.forget(self._clock())

    async def _wait_for_turn(self) -> None:
        if wait_s := self._pace.wait_s():
            await asyncio.sleep(wait_s)

    async def drain(self, timeout_s: float = 0.5) -> None:
        """Post the queued messages if the engine accepts them in time, because the gateway stops."""
        try:
            await asyncio.wait_for(self.flush(), timeout_s)
        except (EngineUnreachable, asyncio.TimeoutError):
            logger.warning("%d messages for the engine could not be sent before the stop.", len(self))

    async def flush(self) -> None:
        """Post everything that is queued.

        Raises:
            EngineUnreachable: the engine does not answer; all messages stay queued.
        """
        while len(self) or self._has_gap:
            if not len(self):
                self._has_gap = False
                self._number(FeedSnapshot(self._open_feeds()))
            messages = self._next_messages()
            try:
                await self._post_batch(messages)
                self._batch_weight = MAX_BATCH_WEIGHT
            except BatchRefused as refusal:
                self._shrink_batch(messages, refusal)
        self._arrived.clear()

    def _number(self, message: UpMessage) -> None:
        self._outgoing.append(message)
        self._outgoing_weight += weight_of(message)

    def _next_messages(self) -> list[UpMessage]:
        """Return the next messages up to the weight of a batch, but at least one."""
        while self._outgoing_weight < self._batch_weight and (next_ := self._waiting.pop()) is not None:
            self._number(next_)
        messages: list[UpMessage] = []
        weight = 0
        for message in self._outgoing:
            weight += weight_of(message)
            if messages and weight > self._batch_weight:
                break
            messages.append(message)
        return messages

    def _shrink_batch(self, messages: list[UpMessage], refusal: BatchRefused) -> None:
        """Try a smaller batch; drop a message that is refused alone, so that it does not block others."""
        if len(messages) > 1:
            self._batch_weight = max(1, min(self._batch_weight, sum(map(weight_of, messages))) // 2)
            return
        logger.error(
            "The engine refused a message of type %s, which is dropped: %s",
            type(messages[0]).__name__,
            refusal,
        )
        self.counts["refused"] += 1
        self._pop()

    def _pop(self) -> UpMessage:
        message = self._outgoing.popleft()
        self._outgoing_weight -= weight_of(message)
        self._on_settled(message, True)
        return message

    async def _post_batch(self, messages: list[UpMessage]) -> None:
        batch = Batch(self.gateway_id, self._product_id, self._engine_id, self._next_number, messages)
        answer = await self._post(batch)
        self.problem = ""
        if answer.engine_id != self._engine_id:
            self._start_over(answer)
            return
        now = self._clock()
        for _ in messages:
            message = self._pop()
            # A restarted engine must not start a tour again.
            if isinstance(message, Event) and not isinstance(message.payload, UsertourTrigger):
                message.arrived_at = 0.0  # for the next engine, it is no new event
                self._replay.store(message, now)
        self._next_number += len(messages)
        self.counts["sent"] += len(messages)

    def _start_over(self, answer: BatchAnswer) -> None:
        """Send open feeds and recent events first, because the engine is new or has restarted."""
        now = self._clock()
        self._engine_id = answer.engine_id
        self._replay.window_s = answer.replay_window_s
        recent = list(self._replay.events(now))
        self._replay = ReplayWindow()
        self._replay.window_s = answer.replay_window_s
        self.counts["replayed"] += len(recent)
        first: list[UpMessage] = [FeedSnapshot(self._open_feeds()), *recent]
        self._outgoing.extendleft(reversed(first))
        self._outgoing_weight += sum(map(weight_of, first))
