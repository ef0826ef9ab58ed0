"""Somebody else signs in without a page load: nothing of the first user is there for the second."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import TOAST_MS, Opener

_EVERYTHING = """() => [localStorage, sessionStorage].flatMap((it) => Object.entries(it)).map(String)
  .concat(document.body.innerText).join("\\n")"""


async def test_the_second_user_gets_a_conversation_of_their_own(open_app: Opener) -> None:
    async with open_app() as app:
        anna = app.user_id
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        annas_session = await app.chat_session()
        annas_talk = app.pair.conversation(annas_session)
        assert len(annas_talk) >= 2

        await app.page.get_by_role("button", name="Sign in as Ben Ortiz").click()
        await expect(app.page.locator(".user-name")).to_have_text("Ben Ortiz")
        ben = await app.page.locator("#user-id").inner_text()
        await expect(app.chat).to_have_count(0)
        await expect(app.chat_launcher).to_be_visible()
        await app.page.wait_for_function("() => sessionStorage.chat_session")
        assert "Shall I show you how?" not in await app.evaluate(_EVERYTHING)
        assert await app.chat_session() != annas_session

        await app.edit_three("Low")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        (offer_id,) = app.pair.offers_to(ben)
        assert offer_id not in app.pair.offers_to(str(anna))
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        await expect(app.bubbles.nth(0)).to_contain_text("Shall I show you how?")
        assert app.pair.conversation(annas_session) == annas_talk
        assert app.pair.conversation(await app.chat_session())
