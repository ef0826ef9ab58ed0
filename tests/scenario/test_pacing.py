"""Pauses after a toast: the interaction timeout and the cooldown, 1 s each here."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from support.background import retry_until_shown
from support.connector import Connector
from support.pair import Pair
from support.stories import action, save, through_save
from support.user import User

QUIET_S = 2.0


async def test_the_next_toast_waits_for_the_cooldown(pair: Pair) -> None:
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story(now=time.time() - 30))
        first = await feed.toast()
        shown = time.time()
        await user.acknowledge(first)
        await user.send_story(user.story())
        second = await feed.toast()
        assert second.at - shown >= QUIET_S - 0.1
        assert second.id != first.id


async def test_consumed_evidence_does_not_count_again(pair: Pair) -> None:
    """Two new saves beside three old ones are not enough; the third new one is."""
    user = User(pair)
    early, late = user.story(now=time.time() - 40), user.story()
    two = through_save(late, 2)
    async with user.feed() as feed:
        await user.send_story(early)
        first = await feed.toast()
        await user.acknowledge(first)
        await user.send_story(late[:two])
        await feed.stays_silent(QUIET_S + 1)
        await user.send_story(late[two:])
        second = await feed.toast()
        await user.acknowledge(second)
    assert pair.offers_to(user.id) == [first.id, second.id]


async def test_makes_no_offer_while_the_user_chats(pair: Pair, connector: Connector) -> None:
    user = User(pair)
    async with user.feed() as feed, user.chat() as window:
        await _is_seen(pair, connector, user)
        wrote = time.time()
        await window.write("hello")
        await window.bubble()
        connector.send(_three_saves(user))
        toast = await feed.toast()
        assert toast.at - wrote >= QUIET_S - 0.1


async def test_every_chat_message_restarts_the_timeout(pair: Pair, connector: Connector) -> None:
    async def shows_it() -> bool:
        user = User(pair)
        async with user.feed() as feed, user.chat() as window:
            await _is_seen(pair, connector, user)
            wrote = time.time()
            await window.write("hello")
            await window.bubble()
            connector.send(_three_saves(user))
            for _ in range(3):
                await asyncio.sleep(0.6)
                before, wrote = wrote, time.time()
                await window.write("what do the priorities mean?")
                await window.bubble()
                if time.time() - before > QUIET_S - 0.1:
                    return False  # the message may have arrived after the pause
                assert not feed.toasts
            assert (await feed.toast()).at - wrote >= QUIET_S - 0.1
            return True

    await retry_until_shown(shows_it)


async def test_an_empty_message_does_not_delay_the_toast(pair: Pair, connector: Connector) -> None:
    """The toast arrives sooner than it could after a message."""

    async def shows_it() -> bool:
        user = User(pair)
        async with user.feed() as feed, user.chat() as window:
            await _is_seen(pair, connector, user)
            wrote = time.time()
            await window.write("")
            connector.send(_three_saves(user))
            return (await feed.toast()).at - wrote < QUIET_S - 0.1

    await retry_until_shown(shows_it)


def _three_saves(user: User) -> dict[str, Any]:
    return user.batch(*(save(at=time.time() - 10 * i) for i in range(3)))


async def _is_seen(pair: Pair, connector: Connector, user: User) -> None:
    connector.send(user.batch(action("Page load: Projects", at=time.time() - 100, type="pageview")))
    await pair.has_taken(user.id, 1)
