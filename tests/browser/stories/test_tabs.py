"""One browser with several tabs is one listener."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect
from support.background import eventually
from support.host_app import THREE_PROJECTS, TOAST_MS, Opener
from support.pair import Pair


async def feeds_are(pair: Pair, count: int) -> None:
    async def reached() -> bool:
        return bool((await pair.health())["link"]["feeds"] == count)

    await eventually(reached, what=f"the server holds {count} feeds")


async def test_two_tabs_share_the_feed_and_the_answer(open_app: Opener, pair: Pair) -> None:
    await feeds_are(pair, 0)
    async with open_app() as first:
        await first.visit()
        second = await first.another_tab()
        await second.visit()
        await feeds_are(pair, 1)
        # Edits of both tabs are one session's.
        await first.edit_three(projects=THREE_PROJECTS[:2])
        await second.edit(THREE_PROJECTS[2])
        for tab in (first, second):
            await expect(tab.toast).to_be_visible(timeout=TOAST_MS)
        await feeds_are(pair, 1)
        await second.toast.get_by_role("button", name="Later").click()
        for tab in (first, second):
            await expect(tab.toast).to_be_hidden()
        await first.receipt("snoozed")


async def test_another_tab_opens_the_feed_when_the_listening_tab_closes(open_app: Opener, pair: Pair) -> None:
    await feeds_are(pair, 0)
    async with open_app() as first:
        await first.visit()
        second = await first.another_tab()
        await second.visit()
        await first.page.close()
        await second.edit_three()
        await expect(second.toast).to_be_visible(timeout=TOAST_MS)
        await feeds_are(pair, 1)
        await second.open_chat.click()
        await expect(second.bubbles).to_have_count(2)


@pytest.mark.slow
async def test_ten_tabs_share_one_connection(open_app: Opener, pair: Pair) -> None:
    await feeds_are(pair, 0)
    async with open_app() as first:
        tabs = [first, *[await first.another_tab() for _ in range(9)]]
        for tab in tabs:
            await tab.visit()
        await feeds_are(pair, 1)
        # A browser has six connections per host: were there a feed per tab, these would wait for ever.
        await asyncio.gather(*(tab.evaluate(_ASK_FOUR_TIMES) for tab in tabs))
        await tabs[7].edit_three()
        for tab in tabs:
            await expect(tab.toast).to_be_visible(timeout=TOAST_MS)
        await feeds_are(pair, 1)
        await tabs[3].toast.get_by_role("button", name="Close").click()
        for tab in tabs:
            await expect(tab.toast).to_be_hidden()


_ASK_FOUR_TIMES = """async () => {
  const ask = () => fetch("/webhooks/autoplay/", { cache: "no-store" }).then((answer) => answer.json());
  await Promise.all([ask(), ask(), ask(), ask()]);
}"""
