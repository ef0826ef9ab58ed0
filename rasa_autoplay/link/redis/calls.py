"""Answers calls in the background, because a language model may take seconds and must not delay others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.link.redis.peer_messages import Answer, Call
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.link.replies import RequestAnswerer, reply_to
from rasa_autoplay.link.request_decoder import decode_request
from rasa_autoplay.link.requests import Acknowledge

__all__ = ["CallResponder"]

_MAX_WAIT_S = 1.0


class CallResponder:
    """Lets the engine answer the calls of each stream entry in the background.

    Args:
        engine: answers the requests.
        publisher: sends the answers to the gateways.
        clock: epoch seconds.
    """

    def __init__(
        self, engine: RequestAnswerer, publisher: RedisFramePublisher, clock: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._clock = clock
        self._answering: set[asyncio.Task[None]] = set()

    def begin(self, gateway_id: str, calls: Sequence[Call], done: Callable[[], None]) -> None:
        """Start to answer a gateway's calls, in order, then call ``done``.

        If the engine dies first, the next engine answers them.
        """
        task = asyncio.get_running_loop().create_task(self._answer_all(gateway_id, calls, done))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def finish_pending(self) -> None:
        """Wait up to one second for calls that are being answered."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=_MAX_WAIT_S)

    async def end(self) -> None:
        """Cancel the calls that are still being answered."""
        await end_tasks(self._answering)

    async def _answer_all(self, gateway_id: str, calls: Sequence[Call], done: Callable[[], None]) -> None:
        for call in calls:
            request = decode_request(call.request)
            # A receipt counts even if it is late; nobody waits for any other late answer.
            if isinstance(request, Acknowledge) or self._clock() < call.deadline:
                reply = await reply_to(self._engine, request, call.trace_parent)
                self._publisher.answer(gateway_id, Answer(call.call_id, reply))
        done()
