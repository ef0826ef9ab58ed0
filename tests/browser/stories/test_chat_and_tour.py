"""Chat and tour together: the open chat makes room for the tour, and is back after it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, ViewportSize, expect
from support.host_app import BULK_STEPS, TOAST_MS, HostApp, Opener

SIZES = [ViewportSize(width=1366, height=768), ViewportSize(width=375, height=667)]


async def receives_clicks(page: Page, selector: str) -> bool:
    """Whether a click at the middle of an element reaches it."""
    reached: bool = await page.locator(selector).evaluate(
        """(it) => {
          const { x, y, width, height } = it.getBoundingClientRect();
          return it.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )
    return reached


async def with_open_chat(app: HostApp) -> None:
    """Be offered help while the chat is open."""
    await app.invited()
    await app.chat_launcher.click()
    await expect(app.chat).to_be_visible()


@pytest.mark.parametrize("viewport", SIZES, ids=["large", "phone"])
async def test_the_open_chat_steps_aside_for_the_tour(open_app: Opener, viewport: ViewportSize) -> None:
    async with open_app(viewport=viewport) as app:
        await with_open_chat(app)
        session = await app.chat_session()
        await app.show_me.click()
        await expect(app.chat).to_be_hidden()
        for title, element in BULK_STEPS[:2]:
            await expect(app.tour).to_contain_text(title)
            assert await receives_clicks(app.page, element)
            await app.page.locator(element).click()
        await app.press("Escape")
        await expect(app.chat).to_be_visible()
        assert await app.chat_session() == session
        # The window is connected as before.
        await app.page.locator(".rw-new-message").fill("what does urgent mean?")
        await app.press("Enter")
        await expect(app.bubbles.last).to_contain_text("rgent", timeout=TOAST_MS)


@pytest.mark.parametrize("viewport", SIZES, ids=["large", "phone"])
@pytest.mark.parametrize("typed", ["", "Show me"], ids=["pressed", "typed"])
async def test_the_explanation_offers_the_tour(open_app: Opener, viewport: ViewportSize, typed: str) -> None:
    async with open_app(viewport=viewport) as app:
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        # The steps are a list with its numbers.
        steps = app.bubbles.nth(1).locator("ol > li")
        await expect(steps).to_have_count(5)
        await expect(steps.first).to_have_css("list-style-type", "decimal")
        button = app.page.locator(".rw-reply")
        await expect(button).to_have_text("Show me on the page")
        await app.picture("explained")
        if typed:
            await app.page.locator(".rw-new-message").fill(typed)
            await app.press("Enter")
        else:
            await button.click()
        await expect(app.tour).to_contain_text(BULK_STEPS[0][0])
        await expect(app.chat).to_be_hidden()
        assert await receives_clicks(app.page, BULK_STEPS[0][1])
        await app.press("Escape")
        await expect(app.bubbles.last).to_contain_text("point it out on the page")
        await expect(app.page.locator(".rw-client").last).to_have_text(typed or "Show me on the page")
