"""No feed is open: the offer waits, is delivered once, and is not charged if it expires."""

from __future__ import annotations

import asyncio
import time

from support.background import eventually, retry_until_shown
from support.pair import Pair
from support.user import User


async def test_an_offer_waits_for_the_first_tab(pair: Pair) -> None:
    user = User(pair)
    await user.send_story(user.story())
    offer_id = await pair.offer_to(user.id)
    published = f"offer={offer_id} (subscribers=0)"
    await eventually(lambda: published in pair.actions_log(), what="the log says so")
    async with user.feed() as feed:
        toast = await feed.toast()
        assert toast.id == offer_id
        await user.acknowledge(toast)
        await feed.stays_silent(2.5)
        # The same browser reconnects, and a second tab opens: neither sees the toast again.
        async with user.feed(last_event_id=toast.id) as again, user.feed() as second_tab:
            await again.stays_silent(0.7)
            await second_tab.stays_silent(0.3)
    assert pair.offers_to(user.id) == [offer_id]


async def test_a_reconnect_with_the_last_id_gets_no_offer_twice(pair: Pair) -> None:
    """Without a receipt, and before the toast counts as shown: only the last id proves its delivery."""
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story())
        toast = await feed.toast()
    async with user.feed(last_event_id=toast.id) as again:
        await again.stays_silent(1)


async def test_an_unshown_toast_is_sent_again(pair: Pair) -> None:
    """The tab was closed as the toast arrived: the next one gets it."""

    async def shows_it() -> bool:
        user = User(pair)
        async with user.feed() as feed:
            await user.send_story(user.story())
            toast = await feed.toast()
        async with user.feed() as next_tab:
            await eventually(lambda: next_tab.toasts or pair.rendered_at(toast.id), what="what becomes of it")
            if not next_tab.toasts:
                return False  # the first tab was open for 2 s, which counts as shown
            return (await next_tab.toast()).id == toast.id

    await retry_until_shown(shows_it)


async def test_every_open_tab_gets_the_same_offer(pair: Pair) -> None:
    user = User(pair)
    async with user.feed() as one, user.feed() as other:
        await user.send_story(user.story())
        first, second = await one.toast(), await other.toast()
        # The rest of its time is as of each sending.
        assert {**first.data, "expires_in_s": 0} == {**second.data, "expires_in_s": 0}
        await user.acknowledge(first)
        await user.acknowledge(second)
        await one.stays_silent(0.5)
    assert pair.offers_to(user.id) == [first.id]


async def test_makes_no_second_offer_while_one_waits(pair: Pair) -> None:
    user = User(pair)
    await user.send_story(user.story(now=time.time() - 20))
    offer_id = await pair.offer_to(user.id)
    await user.send_story(user.story())
    await asyncio.sleep(1)
    assert pair.offers_to(user.id) == [offer_id]


async def test_an_answered_offer_is_not_sent_again(pair: Pair) -> None:
    for answer in ("dismissed", "never", "snoozed"):
        user = User(pair, answer)
        async with user.feed() as feed:
            await user.send_story(user.story(now=time.time() - 20))
            toast = await feed.toast()
            await user.acknowledge(toast)
            await user.acknowledge(toast, answer)
            await user.send_story(user.story())
            await feed.stays_silent(2.5)
        assert pair.offers_to(user.id) == [toast.id]


async def test_rejects_a_receipt_for_an_unknown_offer(pair: Pair) -> None:
    status, answer = await pair.post("/proactive/ack", {"offer_id": "offer_invented", "event": "seen"})
    assert status == 404
    assert answer["error"]
    status, answer = await pair.post("/proactive/ack", {"offer_id": "offer_invented", "event": "eaten"})
    assert status == 400
    assert "dismissed" in answer["error"]
