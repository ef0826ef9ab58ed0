"""The copilot's own chat window instead of rasa-webchat, on a page with the strictest policy."""

from __future__ import annotations

import pytest
from playwright.async_api import ViewportSize, expect
from support.axe import axe_violations
from support.background import eventually
from support.host_app import BULK_STEPS, LARGE, Opener
from support.window_app import window_app

_HAS_ANSWERED = '() => Object.values(localStorage).some((it) => it.includes(\'"state":"done"\'))'
_SESSION_ID = "() => JSON.parse(Object.entries(localStorage).find(([key]) => key.endsWith(' sessionId'))[1])"


@pytest.mark.parametrize(
    "viewport",
    [LARGE, pytest.param({"width": 375, "height": 667}, marks=pytest.mark.slow)],
    ids=["large", "phone"],
)
async def test_from_the_toast_to_the_tour_and_on_to_the_next_page(
    open_app: Opener, viewport: ViewportSize
) -> None:
    async with window_app(open_app, viewport=viewport) as chat:
        app = chat.app
        await chat.invited()
        toast, launcher = await app.toast.bounding_box(), await chat.launcher.bounding_box()
        assert toast
        assert launcher
        assert toast["y"] + toast["height"] <= launcher["y"], "the toast stands above the launcher"
        await app.picture("toast")
        await app.open_chat.click()
        await expect(chat.bot).to_have_count(2)
        await expect(chat.bot.nth(0)).to_contain_text("Shall I show you how?")
        await expect(chat.bot.nth(1).locator("ol > li")).to_have_count(5)
        await app.picture("two-bubbles")
        assert await axe_violations(app.page) == []
        session = await app.evaluate(_SESSION_ID)
        assert len(app.pair.conversation(session)) >= 2

        await chat.input.fill("what does urgent mean?")
        await app.press("Enter")
        await expect(chat.bot.nth(2)).to_contain_text("rgent")

        await chat.host.get_by_role("button", name="Show me on the page").click()
        await expect(app.tour).to_contain_text(BULK_STEPS[0][0])
        await expect(chat.window).to_be_hidden()
        await app.picture("tour")
        await app.press("Escape")
        await expect(chat.window).to_be_visible()
        await expect(chat.bot.last).to_contain_text("point it out on the page")

        said = await chat.bot.all_inner_texts()
        await chat.visit()
        if viewport["width"] < 500:
            await chat.launcher.click()
        await expect(chat.bot).to_have_count(len(said))
        await app.picture("next-page")
        await chat.input.fill("what does urgent mean?")
        await app.press("Enter")
        await expect(chat.bot).to_have_count(len(said) + 1)
        assert await app.evaluate(_SESSION_ID) == session

        await app.evaluate("() => rasaAutoplay.copilot.signOut()")
        await expect(chat.host).to_have_count(0)
        kept = await app.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
        assert "urgent" not in kept
        assert "rasa-autoplay-chat" not in kept


async def test_an_answer_that_comes_between_two_pages_is_not_lost(open_app: Opener) -> None:
    async with window_app(open_app) as chat:
        await chat.visit()
        await chat.launcher.click()
        await chat.input.fill("what does urgent mean?")
        await chat.app.press("Enter")
        # The page is left as soon as the server has the message: before that, "Try again" appears.
        await eventually(lambda: chat.app.evaluate(_HAS_ANSWERED), what="the message of the user is answered")
        await chat.visit()
        await expect(chat.bot.first).to_contain_text("rgent")
        await expect(chat.host.locator(".note:not(:empty)")).to_have_count(0)


@pytest.mark.slow
async def test_the_next_user_gets_a_window_of_their_own(open_app: Opener) -> None:
    async with window_app(open_app) as chat:
        app = chat.app
        await chat.visit()
        await chat.launcher.click()
        await chat.input.fill("what does urgent mean?")
        await app.press("Enter")
        await expect(chat.bot).to_have_count(1)
        await chat.host.get_by_role("button", name="Close the chat").click()
        await app.page.get_by_role("button", name="Sign in as Ben Ortiz").click()
        await expect(app.page.locator(".user-name")).to_have_text("Ben Ortiz")
        await chat.launcher.click()
        await expect(chat.host.locator(".welcome")).to_be_visible()
        await expect(chat.bot).to_have_count(0)
        await chat.input.fill("what does urgent mean?")
        await app.press("Enter")
        await expect(chat.bot).to_have_count(1)
