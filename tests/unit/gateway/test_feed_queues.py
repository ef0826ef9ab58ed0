"""The toast feed at the gateway: one bounded queue per browser connection."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from contextlib import ExitStack

import pytest
from support.run import asynchronous

from rasa_autoplay.gateway.feed_queues import Feed, FeedHub, TooManyFeeds
from rasa_autoplay.link.frames import FeedFrame, withdrawal
from rasa_autoplay.link.messages import Delivered, FeedClosed, FeedOpened, UpMessage


class Hub(FeedHub):
    """Records what the engine is sent."""

    def __init__(self, **bounds: int) -> None:
        self.told: list[UpMessage] = []
        super().__init__(self._keep, **bounds)

    def _keep(self, message: UpMessage) -> bool:
        self.told.append(message)
        return True


def frame(offer_id: str = "o1", user: str = "u1", *feed_ids: str) -> FeedFrame:
    return FeedFrame(user, "proactive", offer_id, "{}", list(feed_ids))


async def taken(feed: Feed) -> list[str]:
    """Return the ids of the queued frames, and "end" if the connection is to end."""
    ids: list[str] = []
    while "end" not in ids:
        try:
            got = await feed.next(0.0)
        except asyncio.TimeoutError:
            break
        ids.append("end" if got is None else got.id)
    return ids


@asynchronous
async def test_notifies_the_engine_of_opened_and_closed_feeds() -> None:
    hub = Hub()
    with hub.subscribe("u1", "o0") as feed:
        assert hub.told == [FeedOpened(feed.info())]
        assert (feed.info().user_id, feed.info().last_offer_id) == ("u1", "o0")
        assert hub.open_feeds() == [feed.info()]
        assert len(hub) == 1
    assert hub.told[1:] == [FeedClosed(feed.feed_id, "u1")]
    assert hub.open_feeds() == []
    assert len(hub) == 0
    assert not hub._by_user


@asynchronous
async def test_cancelled_feed_counts_as_closed() -> None:
    hub = Hub()

    async def browse() -> None:
        with hub.subscribe("u1", "") as feed:
            await feed.next(60.0)

    browsing = asyncio.get_running_loop().create_task(browse())
    await asyncio.sleep(0)
    assert len(hub) == 1
    browsing.cancel()
    await asyncio.gather(browsing, return_exceptions=True)
    assert len(hub) == 0
    assert isinstance(hub.told[-1], FeedClosed)


@asynchronous
async def test_sends_a_frame_to_the_users_feeds_or_the_named_ones() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as one, hub.subscribe("u1", "") as two, hub.subscribe("u2", "") as other:
        await hub.deliver(frame("o1"))
        await hub.deliver(frame("o2", "u1", two.feed_id, other.feed_id))
        assert [await taken(each) for each in (one, two, other)] == [["o1"], ["o1", "o2"], []]
        await hub.deliver(frame("o3", "nobody"))


@asynchronous
async def test_browser_sees_no_frame_twice() -> None:
    hub = Hub()
    with hub.subscribe("u1", "o1") as feed:
        for offer_id in ("o1", "o2", "o2"):
            await hub.deliver(frame(offer_id))
        assert await taken(feed) == ["o2"]
        assert feed.info().last_offer_id == "o2"


@asynchronous
async def test_confirms_written_frames() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as feed:
        feed.confirm(frame("o1"))
        assert hub.told[-1] == Delivered("o1", [feed.feed_id], feed.user_id)
        feed.confirm(frame(""))
        assert len(hub.told) == 2, "what has no id is no offer"


@asynchronous
async def test_disconnects_a_browser_that_does_not_read() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as feed:
        for number in range(1000):
            await hub.deliver(frame(f"o{number}"))
        ids = await taken(feed)
        assert len(ids) <= 65
        assert ids[0] == "o0" or ids[-1] == "end"
        assert "end" in ids


@asynchronous
async def test_frame_dropped_with_its_connection_counts_as_not_delivered() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as feed:
        for number in range(64):
            await hub.deliver(frame(f"o{number}"))
        await hub.deliver(frame("dropped"))
        assert "dropped" not in await taken(feed)
        assert feed.info().last_offer_id == "o63"


@asynchronous
async def test_withdrawn_offer_leaves_the_queue_and_can_be_followed_by_another() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as one, hub.subscribe("u1", "") as two, hub.subscribe("u2", "") as other:
        for each in (frame("o1"), frame("o2"), frame("o2", "u2")):
            await hub.deliver(each)
        assert (await one.next(0.0)) == frame("o1"), "this is written already"
        await hub.deliver(withdrawal("u1", "o2"))
        assert (await taken(one), await taken(two), await taken(other)) == ([], ["o1"], ["o2"])
        assert one.info().last_offer_id == ""
        await hub.deliver(withdrawal("u1", "o1"))
        await hub.deliver(frame("o2"))
        assert (await taken(one), await taken(two)) == (["o2"], ["o2"])


@asynchronous
async def test_end_comes_after_queued_frames() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as one, hub.subscribe("u2", "") as two:
        await hub.deliver(frame("o1"))
        hub.end_all()
        assert await taken(one) == ["o1", "end"]
        assert await taken(two) == ["end"]


@asynchronous
async def test_waiting_reader_gets_the_frame_or_the_end_at_once() -> None:
    hub = Hub()
    with hub.subscribe("u1", "") as feed:
        for send, expected in ((hub.deliver(frame("o1")), "o1"), (None, None)):
            waiting = asyncio.get_running_loop().create_task(feed.next(3600.0))
            await asyncio.sleep(0)
            assert not waiting.done()
            if send is not None:
                await send
            else:
                hub.end_all()
            got = await asyncio.wait_for(waiting, 60.0)
            assert (got and got.id) == expected


@asynchronous
async def test_wait_ends_without_a_frame() -> None:
    with Hub().subscribe("u1", "") as feed, pytest.raises(asyncio.TimeoutError):
        await feed.next(0.0)


@asynchronous
async def test_limits_feeds_per_user() -> None:
    hub = Hub(max_feeds_per_user=3)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(hub.subscribe("u1", ""))
        with pytest.raises(TooManyFeeds) as refusal, hub.subscribe("u1", ""):
            pass
        assert refusal.value.of_user
        assert len(hub) == 3
        with hub.subscribe("u2", ""):
            pass
    with hub.subscribe("u1", ""):
        pass


@asynchronous
async def test_limits_feeds_per_server() -> None:
    hub = Hub(max_feeds=1)
    with hub.subscribe("u1", ""):
        with pytest.raises(TooManyFeeds) as refusal, hub.subscribe("u2", ""):
            pass
        assert not refusal.value.of_user
    assert not hub._by_user, "a refusal leaves nothing behind"


@asynchronous
async def test_subtracts_queueing_time_from_a_frames_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr("rasa_autoplay.gateway.feed_queues.time.monotonic", lambda: seconds[0])
    hub = Hub()
    with hub.subscribe("u1", "") as feed:
        for offer_id, life_s in (("o1", 5.0), ("o2", 60.0)):
            feed.put(FeedFrame("u1", "proactive", offer_id, f'{{"offer_id":"{offer_id}"}}', [], life_s))
        seconds[0] = 10.0
        left = await feed.next(0.0)
        assert left is not None
        assert left.sse_data() == '{"offer_id":"o2","expires_in_s":50.0}', "the first one is over"


@asynchronous
async def test_notifies_the_engine_which_pages_send_receipts() -> None:
    hub = Hub()
    with hub.subscribe("u1", "", sends_receipts=True) as feed:
        assert feed.info().sends_receipts


async def bytes_of_idle_feeds(count: int) -> int:
    hub = FeedHub(send=lambda _message: True)

    async def listen(number: int) -> None:
        with hub.subscribe(f"user-{number:04}", "") as feed:
            await feed.next(60.0)

    gc.collect()
    tracemalloc.start()
    try:
        tasks = [asyncio.get_running_loop().create_task(listen(number)) for number in range(count)]
        await asyncio.sleep(0)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(hub) == 0
    return size


@asynchronous
async def test_an_idle_feed_takes_little_memory() -> None:
    # Several times, because other threads of the tests' process may allocate something, too.
    size = min([await bytes_of_idle_feeds(500) for _ in range(3)]) / 500
    # The task, its future and its timer are about half of it.
    assert size < 3_000, "bytes a feed; it was 4,000 with a generator and a coroutine more"
