"""A capture request succeeds only if its events are safe, including repeated ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from support.deliveries import SafeDelivery
from support.mutations import encode
from support.run import asynchronous

from rasa_autoplay.gateway.sources.base import NotSafe, QueueFullError
from rasa_autoplay.gateway.sources.intake import Delivery, Payload
from rasa_autoplay.gateway.sources.posthog.source import CaptureSource

NOW = 1_700_000_000.0


class PendingDelivery:
    """Queues every payload; the test decides whether they become safe.

    Args:
        room: the number of payloads that the queue holds.
    """

    def __init__(self, room: int = 100) -> None:
        self._room = room
        self.payloads: list[Payload] = []
        self.has_begun = asyncio.Event()
        self.is_safe: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def accept(self, payload: Payload, _source: str) -> bool:
        self.has_begun.set()
        if len(self.payloads) == self._room:
            return False
        self.payloads.append(payload)
        return True

    async def unsafe(self) -> Sequence[Payload]:
        return [] if await self.is_safe else self.payloads


class ShortTimeSlice:
    """Yields to other tasks after each slice of a request."""

    async def yield_if_due(self) -> None:
        await asyncio.sleep(0)


class Browser:
    """Sends page views to one capture source."""

    def __init__(self) -> None:
        self.source = CaptureSource("demo", lambda: NOW)

    def sends(self, delivery: Delivery, *uuids: str) -> asyncio.Task[None]:
        """Post one page view, in its own session, for each uuid."""
        events = [
            {"event": "$pageview", "uuid": uuid, "properties": {"$session_id": f"session of {uuid}"}}
            for uuid in uuids
        ]
        request = self.source.accept(encode({"batch": events}), "application/json", {}, delivery)
        return asyncio.get_running_loop().create_task(request)

    async def accepts(self, uuid: str) -> int:
        """Return how many payloads one more request with this event queues."""
        payloads: list[Payload] = []
        await self.sends(SafeDelivery(lambda payload, _source: payloads.append(payload)), uuid)
        return len(payloads)


async def _let_others_run() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@asynchronous
async def test_copy_waits_for_the_first_request_and_succeeds_with_it() -> None:
    browser, first = Browser(), PendingDelivery()
    request = browser.sends(first, "e1")
    await _let_others_run()
    copy = browser.sends(SafeDelivery(lambda _payload, _source: True), "e1")
    await _let_others_run()
    assert not copy.done()
    first.is_safe.set_result(True)
    await asyncio.gather(request, copy)
    assert browser.source.health()["duplicate"] == 1


@asynchronous
async def test_copy_is_rejected_if_the_first_request_loses_the_event() -> None:
    browser, first = Browser(), PendingDelivery()
    request = browser.sends(first, "e1")
    await _let_others_run()
    copy = browser.sends(SafeDelivery(lambda _payload, _source: True), "e1")
    await _let_others_run()
    first.is_safe.set_result(False)
    for each in (request, copy):
        with pytest.raises(NotSafe):
            await each
    assert await browser.accepts("e1") == 1


@asynchronous
async def test_copy_waits_although_the_first_browser_has_disconnected() -> None:
    browser, first = Browser(), PendingDelivery()
    request = browser.sends(first, "e1")
    await _let_others_run()
    request.cancel()
    copy = browser.sends(SafeDelivery(lambda _payload, _source: True), "e1")
    await _let_others_run()
    assert not copy.done()
    first.is_safe.set_result(False)
    with pytest.raises(NotSafe):
        await copy
    assert await browser.accepts("e1") == 1


@asynchronous
async def test_copy_is_rejected_if_the_first_request_loses_the_event_meanwhile() -> None:
    browser, first, second = Browser(), PendingDelivery(), PendingDelivery()
    request = browser.sends(first, "e1")
    await _let_others_run()
    copy = browser.sends(second, "e1", "e2")
    await _let_others_run()
    first.is_safe.set_result(False)
    await _let_others_run()
    second.is_safe.set_result(True)
    for each in (request, copy):
        with pytest.raises(NotSafe):
            await each


@asynchronous
async def test_a_copy_waits_for_a_large_request_that_is_still_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rasa_autoplay.gateway.sources.posthog.slices.TimeSlice", ShortTimeSlice)
    browser, first = Browser(), PendingDelivery()
    request = browser.sends(first, *(f"e{number:02}" for number in range(25)))
    await first.has_begun.wait()
    copy = browser.sends(SafeDelivery(lambda _payload, _source: True), "e00")
    await asyncio.sleep(0)
    assert len(first.payloads) < 25
    await _let_others_run()
    first.is_safe.set_result(False)
    for each in (copy, request):
        with pytest.raises(NotSafe):
            await each


@asynchronous
async def test_forgets_what_a_request_with_dropped_batches_had_queued_and_lost() -> None:
    browser, first = Browser(), PendingDelivery(room=1)
    request = browser.sends(first, "e1", "e2")
    await _let_others_run()
    first.is_safe.set_result(False)
    with pytest.raises(QueueFullError):
        await request
    assert [await browser.accepts(uuid) for uuid in ("e1", "e2")] == [1, 1]


@asynchronous
async def test_other_events_do_not_wait_for_a_request_that_is_not_safe_yet() -> None:
    browser, first = Browser(), PendingDelivery()
    request = browser.sends(first, "e1")
    await _let_others_run()
    assert await browser.accepts("e2") == 1
    first.is_safe.set_result(True)
    await request
    await browser.source.stop()
